"""Talking to Keap: HTTP, credentials, pace and faults. Knows nothing of Singer."""

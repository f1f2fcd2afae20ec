"""A client for Keap's REST API: HTTP, credentials, pace, faults and retries. Knows nothing of Singer."""

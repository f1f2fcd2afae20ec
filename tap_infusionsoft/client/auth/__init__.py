"""Credentials: API keys, access tokens, and OAuth tokens that are refreshed."""

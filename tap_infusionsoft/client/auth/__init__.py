"""Credentials: fixed tokens, and OAuth tokens that are refreshed."""

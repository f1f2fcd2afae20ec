"""From an account to a catalog."""

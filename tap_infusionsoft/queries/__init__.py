"""The user's own queries."""

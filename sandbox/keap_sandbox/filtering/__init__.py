"""Which rows a list endpoint returns, and in which order."""

"""Where a stream stands, and what the next run reads."""

"""From a declaration to pages of rows."""

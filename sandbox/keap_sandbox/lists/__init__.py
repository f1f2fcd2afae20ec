"""List endpoints: rendered rows, page by page."""

"""List endpoints: which rows they return, in which order, page by page."""

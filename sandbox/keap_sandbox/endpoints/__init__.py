"""The read calls of the API, one module per area. Most endpoints are declarations."""

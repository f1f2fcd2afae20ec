"""What Keap's paths answer. One module for an area; a collection is a declaration."""

"""A Keap account on localhost: for trying the tap out, for its tests and for users' own tests."""

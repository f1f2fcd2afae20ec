"""What there is to read in a Keap account, one file per area."""

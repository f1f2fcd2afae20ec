"""Other programs that read the same contacts from the same server. Each is a script, run by its path."""

"""Other programs that read the same contacts from the same server, each a script that is started by its path."""

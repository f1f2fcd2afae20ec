"""`make demo`: a made-up Keap account, loaded into PostgreSQL by Meltano, changed, loaded again and compared."""

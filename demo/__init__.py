"""`make demo`: load a made-up Keap account into PostgreSQL with Meltano, change it, load it again."""

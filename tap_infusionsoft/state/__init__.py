"""How far a stream is, and what the next run reads."""

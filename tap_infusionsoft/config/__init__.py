"""Settings: what they are, and their checked values."""

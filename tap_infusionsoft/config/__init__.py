"""The settings: what they are (`schema`), and their checked values (`settings`)."""

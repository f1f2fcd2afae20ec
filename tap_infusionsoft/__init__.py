"""Singer tap for Infusionsoft, now called Keap."""

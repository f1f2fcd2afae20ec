"""Faults: what goes wrong on purpose, and when."""

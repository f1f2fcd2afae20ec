"""Writes messages to stdout, and records to batch and quarantine files."""

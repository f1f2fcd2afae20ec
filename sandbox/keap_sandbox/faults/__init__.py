"""Faults on purpose: which calls go wrong, and how."""

"""Whole pages at a time: decoded and checked by msgspec, in C."""

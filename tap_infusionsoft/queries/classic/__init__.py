"""Queries in the syntax of the classic connector."""

"""From records to stdout and files."""

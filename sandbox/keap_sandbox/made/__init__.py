"""What the made-up account consists of, one module for each area."""

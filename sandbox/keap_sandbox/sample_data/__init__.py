"""The sample account's data, one module per area."""

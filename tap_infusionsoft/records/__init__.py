"""From rows as Keap sends them to records that match their schema."""

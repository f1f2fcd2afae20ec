"""`tap-infusionsoft-check`: whether a run would work, and what it would take."""

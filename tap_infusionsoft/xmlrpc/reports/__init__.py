"""The 39 reports of the classic connector, by the methods that it called."""

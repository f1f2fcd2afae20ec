"""Where targets load to: each kind of warehouse can be started, emptied and read."""

"""What a run did, for people: what each stream read, what that cost, and what is left to do."""

"""What happened to users: each test tells one story."""

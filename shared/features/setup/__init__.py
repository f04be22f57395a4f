"""/setup: connect a server to a brand, and check what it needs."""

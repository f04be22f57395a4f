"""What the functions share: signatures, commands, the database, Discord. Knows nothing of AWS events."""

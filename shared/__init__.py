"""What the functions share: signatures, commands, the database, Discord. Only function_url.py knows AWS events."""

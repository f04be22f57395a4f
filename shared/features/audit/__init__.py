"""/audit: what was changed in a server, by whom, in words."""

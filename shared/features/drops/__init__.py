"""Drops: messages with a button that pays, and the commands that post, list, change and close them."""

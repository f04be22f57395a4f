"""A page that behaves like a Discord channel: `make run` serves it, nothing of it is deployed.

Every action on the page goes, signed, through the same /interactions as Discord's.
"""

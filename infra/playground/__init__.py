"""A page that behaves like a Discord channel: `make run` serves it, nothing of it is deployed.

Every action on the page is signed and delivered to /interactions, as Discord does it.
"""

"""Emoji of servers as Discord describes them."""

from infra.fake_discord.contract import Json


def emoji_of_server(emoji_id: str, name: str, *, animated: bool) -> Json:
    """An emoji that everybody in its server may use."""
    fields = {"id": emoji_id, "name": name, "animated": animated, "roles": []}
    return {**fields, "require_colons": True, "managed": False, "available": True}

"""Channels and roles of a server as Discord describes them."""

from infra.fake_discord.contract import Json


def channel(channel_id: str, guild_id: str, permissions: int, name: str = "general") -> Json:
    """A text channel, with what the member may do there."""
    return {
        "id": channel_id,
        "type": 0,
        "guild_id": guild_id,
        "name": name,
        "flags": 0,
        "last_message_id": None,
        "nsfw": False,
        "parent_id": None,
        "permissions": str(permissions),
        "position": 0,
        "rate_limit_per_user": 0,
        "topic": None,
    }


def role(role_id: str) -> Json:
    """A role that allows nothing."""
    return {
        "id": role_id,
        "name": f"role-{role_id}",
        "permissions": "0",
        "position": 1,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": False,
        "mentionable": False,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }

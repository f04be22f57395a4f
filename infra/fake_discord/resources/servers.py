"""Channels and roles of a server as Discord describes them."""

from dataclasses import dataclass

from infra.fake_discord.contract import Json

TEXT, VOICE, CATEGORY, NEWS, NEWS_THREAD, THREAD, FORUM = 0, 2, 4, 5, 10, 11, 15  # types of channels
THREADS = (NEWS_THREAD, THREAD, 12)  # 12 are private ones


@dataclass(frozen=True)
class Channel:
    """A channel of a server: a thread belongs to a channel, a channel to a category or to none."""

    id: str
    type: int = TEXT
    parent_id: str | None = None


def channel(place: Channel, guild_id: str, permissions: int, name: str = "general") -> Json:
    """A channel, with what the member may do there."""
    return {
        "id": place.id,
        "type": place.type,
        "guild_id": guild_id,
        "name": name,
        "flags": 0,
        "last_message_id": None,
        "nsfw": False,
        "parent_id": place.parent_id,
        "permissions": str(permissions),
        "position": 0,
        "rate_limit_per_user": 0,
        "topic": None,
    }


def role(role_id: str, name: str = "") -> Json:
    """A role that allows nothing."""
    return {
        "id": role_id,
        "name": name or f"role-{role_id}",
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

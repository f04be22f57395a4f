"""Reactions as Discord describes them."""

from infra.fake_discord.contract import Json


def reaction(emoji: str, count: int, *, me: bool) -> Json:
    """The reactions to a message with one emoji."""
    name, _, custom_id = emoji.partition(":")
    return {
        "emoji": {"id": custom_id or None, "name": name},
        "count": count,
        "count_details": {"burst": 0, "normal": count},
        "burst_colors": [],
        "me_burst": False,
        "me": me,
    }


def emoji_name(emoji: Json) -> str:
    """An emoji as the path of a request names it."""
    return f"{emoji['name']}:{emoji['id']}" if emoji["id"] else str(emoji["name"])

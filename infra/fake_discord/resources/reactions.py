"""Reactions as Discord describes them."""

from infra.fake_discord.contract import Json


def reaction(emoji: str, normal: int, burst: int, *, me: bool, animated: bool) -> Json:
    """The reactions to a message with one emoji; the bot has no super reactions ("burst") to give."""
    name, _, custom_id = emoji.partition(":")
    return {
        "emoji": {"id": custom_id or None, "name": name, **({"animated": True} if animated else {})},
        "count": normal + burst,
        "count_details": {"burst": burst, "normal": normal},
        "burst_colors": ["#fccc51"] if burst else [],
        "me_burst": False,
        "me": me,
    }


def emoji_name(emoji: Json) -> str:
    """An emoji as the path of a request names it."""
    return f"{emoji['name']}:{emoji['id']}" if emoji["id"] else str(emoji["name"])

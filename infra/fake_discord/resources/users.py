"""Users as Discord describes them."""

from infra.fake_discord.contract import Json


def user(user_id: str, name: str | None = None, *, bot: bool = False) -> Json:
    """A user as Discord describes one."""
    return {
        "id": user_id,
        "username": (name or f"user-{user_id}").lower(),
        "global_name": name,
        "discriminator": "0",
        "avatar": None,
        "banner": None,
        "accent_color": None,
        "public_flags": 0,
        "flags": 0,
        "primary_guild": None,
        "avatar_decoration_data": None,
        **({"bot": True} if bot else {}),
    }

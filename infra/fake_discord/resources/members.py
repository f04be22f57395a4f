"""Members of servers as Discord describes them."""

from infra.fake_discord.contract import Json
from infra.fake_discord.resources.snowflakes import timestamp

JOINED_AT = 1_700_000_000  # of members of whom nobody says when they came


def member_of_server(user: Json, roles: list[str], joined_at: float = JOINED_AT) -> Json:
    """A member who has these roles."""
    return {
        "avatar": None,
        "banner": None,
        "communication_disabled_until": None,
        "flags": 0,
        "joined_at": timestamp(joined_at),
        "nick": None,
        "pending": False,
        "premium_since": None,
        "roles": roles,
        "user": user,
        "mute": False,
        "deaf": False,
    }


def described_member(acting: Json) -> Json:
    """The member who acts, as an interaction carries them: with permissions, and perhaps without the rest."""
    known = {key: value for key, value in acting.items() if key != "permissions"}
    return {**member_of_server(acting["user"], []), **known}

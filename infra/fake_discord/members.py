"""The members of a server."""

from dataclasses import dataclass

from infra.fake_discord.contract import Json
from infra.fake_discord.resources.snowflakes import timestamp
from infra.fake_discord.resources.users import user

MANAGE_GUILD = 1 << 5
# ADD_REACTIONS, VIEW_CHANNEL, SEND_MESSAGES, EMBED_LINKS, READ_MESSAGE_HISTORY, USE_APPLICATION_COMMANDS
EVERYONE = 1 << 6 | 1 << 10 | 1 << 11 | 1 << 14 | 1 << 16 | 1 << 31


@dataclass(frozen=True)
class Member:
    """A member of a server; `joined_at` and `timed_out_until` are in seconds since 1970."""

    name: str
    id: str
    roles: tuple[str, ...] = ()
    permissions: int = EVERYONE
    joined_at: float = 1_700_000_000
    locale: str = "en-GB"
    bot: bool = False
    pending: bool = False  # has not accepted the server's rules
    timed_out_until: float | None = None

    def user(self) -> Json:
        """The user, as Discord describes one."""
        return user(self.id, self.name, bot=self.bot)

    def resolved(self) -> Json:
        """The member as in resolved data: without the user and the voice states."""
        return {
            "avatar": None,
            "banner": None,
            "communication_disabled_until": self.timed_out_until and timestamp(self.timed_out_until),
            "flags": 0,
            "joined_at": timestamp(self.joined_at),
            "nick": None,
            "pending": self.pending,
            "permissions": str(self.permissions),
            "premium_since": None,
            "roles": list(self.roles),
        }

    def member(self) -> Json:
        """The member who acts, as interactions carry it."""
        return {**self.resolved(), "deaf": False, "mute": False, "user": self.user()}


ALICE = Member("Alice", "310000000000000001")
BOB = Member("Bob", "310000000000000002")
CAROL = Member("Carol", "310000000000000003")
DAVE = Member("Dave", "310000000000000004")
ERIN = Member("Erin", "310000000000000005")
ADMIN = Member("Admin", "310000000000000006", permissions=EVERYONE | MANAGE_GUILD)

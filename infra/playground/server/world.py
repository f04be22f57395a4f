"""The playground's world: servers with channels, roles, and members to play."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from infra.fake_discord.contract import Json
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import EVERYONE, MANAGE_GUILD, Member
from infra.fake_discord.resources.servers import FORUM, NEWS, TEXT
from infra.fake_discord.resources.snowflakes import first_snowflake, timestamp
from infra.playground.server.errors import RefusedError

EMBED_LINKS = 1 << 14
DAY = 86_400
# https://docs.discord.com/developers/reference#locales
LOCALES = (
    *("bg", "cs", "da", "de", "el", "en-GB", "en-US", "es-419", "es-ES", "fi", "fr", "hi", "hr", "hu", "id", "it"),
    *("ja", "ko", "lt", "nl", "no", "pl", "pt-BR", "ro", "ru", "sv-SE", "th", "tr", "uk", "vi", "zh-CN", "zh-TW"),
)


@dataclass(frozen=True)
class Channel:
    """A channel, with what the bot may do there."""

    id: str
    name: str
    about: str
    app_permissions: int = EVERYONE
    type: int = TEXT

    def described(self) -> Json:
        """The channel as JSON for the page."""
        here = {"id": self.id, "name": self.name, "type": self.type, "about": self.about}
        return {**here, "app_permissions": str(self.app_permissions)}


class Emoji(NamedTuple):
    """An emoji of a server's own."""

    id: str
    name: str


@dataclass(frozen=True)
class Server:
    """A server with its channels and emoji."""

    id: str
    name: str
    channels: tuple[Channel, ...]
    emojis: tuple[Emoji, ...]

    def described(self) -> Json:
        """The server as JSON for the page."""
        channels = [channel.described() for channel in self.channels]
        emojis = [emoji._asdict() for emoji in self.emojis]
        return {"id": self.id, "name": self.name, "channels": channels, "emojis": emojis}


class Role(NamedTuple):
    """A role; both servers have the same, so that members keep theirs in either."""

    id: str
    name: str
    color: str
    mentionable: bool = False  # by everybody


@dataclass(frozen=True)
class Person:
    """A member with a description."""

    member: Member
    created_at: float
    color: str
    about: str

    @property
    def is_admin(self) -> bool:
        """May the member manage the server?"""
        return bool(self.member.permissions & MANAGE_GUILD)

    def described(self) -> Json:
        """The member as JSON for the page."""
        return {
            "id": self.member.id,
            "name": self.member.name,
            "color": self.color,
            "is_admin": self.is_admin,
            "is_bot": self.member.bot,
            "roles": list(self.member.roles),
            "locale": self.member.locale,
            "created_at": timestamp(self.created_at),
            "joined_at": timestamp(self.member.joined_at),
            "about": self.about,
        }


SERVERS = (
    Server(
        "910000000000000001",
        "Harbour",
        (
            Channel("910000000000000011", "general", "Where everybody talks"),
            Channel("910000000000000012", "drops", "For drops and the crowd"),
            Channel("910000000000000013", "bot-commands", "For whoever likes it quiet elsewhere"),
            Channel("910000000000000014", "no-embeds", "The bot may not embed links here", EVERYONE & ~EMBED_LINKS),
            Channel("910000000000000015", "news", "A news channel to watch", type=NEWS),
            Channel("910000000000000016", "ideas", "A forum to watch: what you write opens a post", type=FORUM),
        ),
        (Emoji("910000000000000021", "anchor"), Emoji("910000000000000022", "gull")),
    ),
    Server(
        "920000000000000001",
        "Lighthouse",
        (
            Channel("920000000000000011", "general", "A second server, with books of its own"),
            Channel("920000000000000012", "drops", "For drops and the crowd"),
            Channel("920000000000000013", "no-embeds", "The bot may not embed links here", EVERYONE & ~EMBED_LINKS),
        ),
        (Emoji("920000000000000021", "beam"),),
    ),
)

ROLES = (
    Role("930000000000000001", "Event manager", "#e67e22"),
    Role("930000000000000002", "Viewer", "#3498db"),
    Role("930000000000000003", "VIP", "#f1c40f", mentionable=True),
    Role("930000000000000004", "Tester", "#2ecc71"),
)
EVENT_MANAGER, VIEWER, VIP, TESTER = (role.id for role in ROLES)


def people() -> Iterator[Person]:
    """The members at the start. Their ids carry the time at which their accounts were made, as Discord's do."""
    yield _person("Ada", "2016-03-02", "#9b59b6", "Owns the server: a full admin", permissions=EVERYONE | MANAGE_GUILD)
    yield _person("Emil", "2017-05-12", "#e67e22", "May manage events once the role is an admin role", EVENT_MANAGER)
    yield _person("Vera", "2018-11-30", "#3498db", "May view reports once the role is an admin role", VIEWER)
    yield _person("Alice", "2019-01-08", "#1abc9c", "A member")
    yield _person("Bob", "2020-02-29", "#e91e63", "A member who is a VIP", VIP)
    yield _person("Carla", "2021-07-14", "#f39c12", "A member who reads German", locale="de")
    yield _person("Dmitri", "2022-09-01", "#2ecc71", "A member who tests", TESTER)
    yield _person("Erin", "2023-12-24", "#95a5a6", "A member who reads Japanese", locale="ja")
    yesterday = time.time() - DAY
    yield _new_account(yesterday)
    yield _person("Beeper", "2020-10-10", "#5865f2", "Another bot: it can only write and react", bot=True)


def _person(name: str, created: str, color: str, about: str, *roles: str, **fields: Any) -> Person:
    created_at = datetime.fromisoformat(created).replace(tzinfo=UTC).timestamp()
    joined_at = created_at + 30 * DAY
    member = Member(name, first_snowflake(created_at), roles=roles, joined_at=joined_at, **fields)
    return Person(member, created_at, color, about)


def _new_account(created_at: float) -> Person:
    """A different member at every start, because an account does not stay new."""
    member = Member("Newton", first_snowflake(created_at), joined_at=created_at + 60)
    return Person(member, created_at, "#bdc3c7", "An account of yesterday, new in the server")


@dataclass
class World:
    """The members as they are now, of whom Discord knows; changes last as long as the process."""

    discord: FakeDiscord
    people: dict[str, Person] = field(default_factory=lambda: {person.member.id: person for person in people()})

    def introduce(self) -> None:
        """Make the servers known to Discord, with all that is in them."""
        for known in SERVERS:
            for here in known.channels:
                self.discord.add_channel(here.id, known.id, type=here.type, name=here.name)
            for role in ROLES:
                self.discord.add_role(known.id, role.id, role.name)
            for emoji in known.emojis:
                self.discord.add_emoji(known.id, emoji.id, emoji.name)
        for person in self.people.values():
            self._join(person.member)

    def _join(self, member: Member) -> None:
        for known in SERVERS:
            self.discord.set_member(known.id, member.id, list(member.roles), member.name, member.bot)

    def person(self, member_id: str) -> Person:
        """A member by id; RefusedError when there is none."""
        try:
            return self.people[member_id]
        except KeyError:
            raise RefusedError(404, "There is no such member.") from None

    def change(self, member_id: str, roles: list[str] | None, is_admin: bool | None, locale: str | None) -> Person:
        """Change what is given; RefusedError for an unknown member, role or locale."""
        person = self.person(member_id)
        member = person.member
        if roles is not None:
            member = replace(member, roles=tuple(_known_role(role_id) for role_id in roles))
        if is_admin is not None:
            member = replace(member, permissions=EVERYONE | MANAGE_GUILD * is_admin)
        if locale is not None:
            member = replace(member, locale=_known_locale(locale))
        self.people[member_id] = replace(person, member=member)
        self._join(member)
        return self.people[member_id]


def _known_role(role_id: str) -> str:
    if role_id not in {role.id for role in ROLES}:
        raise RefusedError(404, "There is no such role.")
    return role_id


def _known_locale(locale: str) -> str:
    if locale not in LOCALES:
        raise RefusedError(400, f"Discord knows no locale {locale!r}.")
    return locale


def server(server_id: str) -> Server:
    """A server by id; RefusedError when there is none."""
    for known in SERVERS:
        if known.id == server_id:
            return known
    raise RefusedError(404, "There is no such server.")


def channel(channel_id: str) -> tuple[Server, Channel]:
    """A channel by id, and its server; RefusedError when there is none."""
    for known in SERVERS:
        for here in known.channels:
            if here.id == channel_id:
                return known, here
    raise RefusedError(404, "There is no such channel.")

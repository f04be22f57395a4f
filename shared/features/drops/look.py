"""How the message of a drop looks: the options for it, and what is kept of them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints

from shared.discord import payload, pictures
from shared.discord.error import DiscordError
from shared.discord.payload import Attachment, Snowflake
from shared.discord.permissions import may_mention_every_role
from shared.discord.pictures import PictureError
from shared.discord.rest import File
from shared.features.drops.emoji import ReactionEmoji
from shared.format import megabytes, role_mention
from shared.interactions.interaction import Interaction
from shared.interactions.outcomes import RefusedError, declare_refusals
from shared.interactions.problems import InvalidOptionsError, Problem, WrongValueError
from shared.interactions.registry import ATTACHMENT, NOT_CHOSEN, ROLE, OptionKind
from shared.log import logger

PICTURES = ("image", "thumbnail")
INLINE_BYTES = 2**20  # so much is fetched and posted in Discord's three seconds; for more the reply is deferred
POSTING_SECONDS = 1.2  # what is left for the rest

COLOURS = {
    "Blurple": 0x5865F2,
    "Blue": 0x3498DB,
    "Green": 0x57F287,
    "Gold": 0xF1C40F,
    "Orange": 0xE67E22,
    "Red": 0xED4245,
    "Pink": 0xEB459E,
    "Purple": 0x9B59B6,
    "Grey": 0x95A5A6,
    "White": 0xFFFFFF,
}


def parse_colour(typed: str) -> int:
    """Read `#57f287`, or the name of a colour. Raises WrongValueError."""
    text = str(typed).strip()
    if (named := COLOURS.get(text.capitalize())) is not None:
        return named
    if not re.fullmatch(r"#?[0-9a-fA-F]{6}", text, re.ASCII):
        raise WrongValueError("{name} must be one from the list, or look like {example}.", example="#57f287")
    return int(text.removeprefix("#"), 16)


def colour_choices(_: Interaction, typed: str) -> list[tuple[str, str]]:
    """The colours whose name contains what was typed, and what was typed if it is one."""
    sought = typed.strip().casefold()
    found = [(name, f"#{value:06x}") for name, value in COLOURS.items() if sought in name.casefold()]
    own = f"#{sought.removeprefix('#')}"
    return found or ([(own, own)] if re.fullmatch(r"#[0-9a-f]{6}", own, re.ASCII) else [])


Title = Annotated[
    str,
    StringConstraints(strip_whitespace=True),
    Field(description="Its headline; default: Drop, and the event's name", min_length=1, max_length=100),
]
Colour = Annotated[
    int,
    BeforeValidator(parse_colour),
    OptionKind(complete=colour_choices),
    Field(description="Colour of its edge: one from the list, or one like #57f287"),
]
Image = Annotated[
    Snowflake, OptionKind(ATTACHMENT), Field(description="A large picture: PNG, JPEG, GIF or WebP of up to 8 MB")
]
Thumbnail = Annotated[Snowflake, OptionKind(ATTACHMENT), Field(description="A small picture beside the text")]
Ping = Annotated[Snowflake, OptionKind(ROLE), Field(description="A role that is mentioned, and so hears of the drop")]


@dataclass(frozen=True)
class Look:
    """What an admin has chosen beside the words of a drop."""

    colour: int | None = None
    emoji: ReactionEmoji | None = None  # of the button
    ping: str | None = None  # the id of a role
    pictures: Mapping[str, Attachment] = field(default_factory=dict)  # by the option

    @property
    def kept(self) -> dict[str, Any] | None:
        """What the database keeps of it; None for nothing."""
        names = {option: picture_name(option, picture) for option, picture in self.pictures.items()}
        kept = {"colour": self.colour, "emoji": self.emoji, "ping": self.ping} | names
        return {name: value for name, value in kept.items() if value is not None} or None

    @property
    def addresses(self) -> dict[str, str]:
        """Where the pictures are until they are uploaded."""
        return {option: picture.url for option, picture in self.pictures.items()}


PLAIN = Look()


def chosen(interaction: Interaction, channel: payload.Channel, *, ping: str | None = None, **given: Any) -> Look:
    """The look that the options say. Raises InvalidOptionsError with all that is wrong with them."""
    resolved = interaction.payload.data.resolved
    named = {option: given.pop(option) for option in PICTURES if given.get(option) is not None}
    given = {name: value for name, value in given.items() if name not in PICTURES}
    found = {option: resolved.attachments.get(file_id) for option, file_id in named.items()}
    problems = [_picture_problem(option, picture) for option, picture in found.items()]
    problems += [_ping_problem(interaction, channel, ping)] if ping else []
    if real := [problem for problem in problems if problem]:
        raise InvalidOptionsError(real)
    return Look(ping=ping, pictures={option: picture for option, picture in found.items() if picture}, **given)


def _picture_problem(option: str, picture: Attachment | None) -> Problem | None:
    if picture is None:
        return Problem(option, NOT_CHOSEN[ATTACHMENT])
    if media_type(picture) not in pictures.SUFFIXES:
        return Problem(option, NO_PICTURE)
    return Problem(option, TOO_LARGE, {"limit": LARGEST}) if picture.size > pictures.LARGEST else None


def _ping_problem(interaction: Interaction, channel: payload.Channel, role_id: str) -> Problem | None:
    """Why a role cannot be mentioned: admin and bot both need a right for one that not everybody may mention."""
    role = interaction.payload.data.resolved.roles.get(role_id)
    if role is None:
        return Problem("ping", NOT_CHOSEN[ROLE])
    if role_id == interaction.payload.guild_id:
        return Problem("ping", EVERYONE)
    if role.mentionable:
        return None
    asked = {"role": role_mention(role_id)}
    if not may_mention_every_role(channel.permissions):
        return Problem("ping", NOT_YOURS_TO_MENTION, asked)
    return None if may_mention_every_role(channel.app_permissions) else Problem("ping", NOT_OURS_TO_MENTION, asked)


def media_type(picture: Attachment) -> str:
    """What Discord says that a file is: image/png."""
    return picture.content_type.partition(";")[0].strip().lower()


def picture_name(option: str, picture: Attachment) -> str:
    """What a picture is called in the message: image.png, whatever it was called before."""
    return f"{option}.{pictures.SUFFIXES[media_type(picture)]}"


def fetch(interaction: Interaction, addresses: Mapping[str, str]) -> dict[str, bytes]:
    """The pictures at some addresses, by the option. Raises RefusedError, AlreadyAcknowledgedError.

    Defer the reply if this, or what follows, would take longer than Discord waits for it.
    """
    if not addresses:
        return {}
    # Before SQL says whether this admin may post: asking it first would be a second call for all who may. Who may not,
    # and is shown the command all the same, has us read some megabytes of Discord's own host.
    left = interaction.seconds_left() - POSTING_SECONDS
    try:
        if interaction.deferred_at is None and left > 0:
            found = _all(interaction, addresses, left)
            if sum(map(len, found.values())) > INLINE_BYTES or interaction.seconds_left() < POSTING_SECONDS:
                defer(interaction)
            return found
    except PictureError as error:
        if error.why != "slow":
            raise _refused(interaction, error) from None
    if interaction.deferred_at is None:
        defer(interaction)
    try:
        return _all(interaction, addresses, interaction.seconds_left())
    except PictureError as error:
        raise _refused(interaction, error) from None


def _all(interaction: Interaction, addresses: Mapping[str, str], timeout: float) -> dict[str, bytes]:
    until = interaction.seconds_left() - timeout
    return {
        option: pictures.fetch(address, timeout=max(interaction.seconds_left() - until, 0.1))
        for option, address in addresses.items()
    }


def defer(interaction: Interaction) -> None:
    """Ask Discord to wait for the reply. Raises RefusedError, AlreadyAcknowledgedError."""
    try:
        interaction.defer()
    except DiscordError as error:
        logger.warning("reply not deferred", extra={"status": error.status, "code": error.code})
        raise RefusedError(interaction.conclude("picture_refused", why="slow")) from None


def _refused(interaction: Interaction, error: PictureError) -> RefusedError:
    return RefusedError(interaction.conclude("picture_refused", why=error.why))


def files(look: Mapping[str, Any] | None, contents: Mapping[str, bytes]) -> tuple[File, ...]:
    """Pictures as they are uploaded, under the names that the look has for them."""
    named = [(option, str((look or {}).get(option, ""))) for option in PICTURES]
    types = {suffix: kind for kind, suffix in pictures.SUFFIXES.items()}
    return tuple(
        (name, contents[option], types.get(name.rpartition(".")[2], "application/octet-stream"))
        for option, name in named
        if name and option in contents
    )


# --- Words

LARGEST = megabytes(pictures.LARGEST)
NO_PICTURE = "{name} must be a picture: PNG, JPEG, GIF or WebP."
TOO_LARGE = "{name} must have {limit} or less."
EVERYONE = "{name} must be a single role: a drop never mentions everyone."
NOT_YOURS_TO_MENTION = (
    "{name}: you may not mention {role}. Choose a role that everybody may mention, or ask for the permission "
    "**Mention @everyone, @here and All Roles**."
)
NOT_OURS_TO_MENTION = (
    "{name}: I may not mention {role}. Let everybody mention it in the role's settings, or give me the permission "
    "**Mention @everyone, @here and All Roles** in that channel."
)
_WHY = {
    "slow": "Discord did not hand me the picture in time. Please try again in a moment; nothing has been posted.",
    "gone": "The picture is no longer where Discord kept it. Please attach it once more; nothing has been posted.",
    "large": f"The picture has more than {LARGEST}. Please attach a smaller one; nothing has been posted.",
    "other": (
        "What you attached is no picture that I can post. Please attach a PNG, JPEG, GIF or WebP; nothing has been "
        "posted."
    ),
    "elsewhere": (
        "I only take pictures that were attached in Discord. Please attach it once more; nothing has been posted."
    ),
}
declare_refusals({"picture_refused": lambda f: _WHY[f["why"]]})

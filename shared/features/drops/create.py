"""New drops: /drop create with options or by a form, and the message menu "Make this a drop"."""

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import Field

from shared.discord import payload
from shared.discord.payload import WRITTEN, Snowflake
from shared.discord.reply import Reply
from shared.discord.reply import button as button_component
from shared.features.drops import reaction
from shared.features.drops.emoji import PARTY, DropEmoji, is_foreign
from shared.features.drops.look import PLAIN, Colour, Image, Look, Ping, Thumbnail, Title, chosen, fetch, files
from shared.features.drops.named_message import MessageNamed, message_in
from shared.features.drops.options import (
    Description,
    EventCalled,
    Label,
    Lifespan,
    MaxClaims,
    Reward,
    Terms,
    write_lifespan,
)
from shared.features.drops.posting import publish
from shared.features.drops.preview import Preview, show_preview
from shared.features.drops.saving import TO_ADMIN, missing_to_post, save
from shared.format import code, listed
from shared.interactions.interaction import Interaction
from shared.interactions.options import Channel, Event
from shared.interactions.outcomes import declare_refusals, outcome_reply
from shared.interactions.problems import InvalidOptionsError, Problem
from shared.interactions.registry import Level, button, command, form, group, message_menu

group("drop", "Post drops: messages that pay whoever presses the button, or reacts")

DropType = Annotated[
    Literal["button", "reaction"], Field(description="What members do for it; default: press a button")
]


@command("drop create", requires=Level.EVENT_MANAGER)
def create(
    interaction: Interaction,
    event: Event | None = None,
    channel: Channel | None = None,
    lifespan: Lifespan = timedelta(hours=24),
    max_claims: MaxClaims | None = None,
    label: Label | None = None,
    description: Description | None = None,
    reward: Reward | None = None,
    type: DropType = "button",  # noqa: A002
    emoji: DropEmoji | None = None,
    message: MessageNamed | None = None,
    title: Title | None = None,
    image: Image | None = None,
    thumbnail: Thumbnail | None = None,
    colour: Colour | None = None,
    ping: Ping | None = None,
    preview: Preview = False,
) -> Reply:
    """Post a drop: a message that pays for a click or a reaction. Without an event, a form asks for it."""
    shown = {"title": title, "image": image, "thumbnail": thumbnail, "colour": colour, "ping": ping}
    shown |= {"preview": preview or None}
    _require_applicable(type, label=label, description=description, message=message, **shown)
    if event is None:
        _require_room_in_form(channel, shown | ({"emoji": emoji} if type == "button" else {}))
    place = interaction.payload.named_channel(channel) if channel else interaction.payload.here
    message_id = message_in(place, interaction.payload.guild_id, message) if message else None
    terms = Terms(lifespan, max_claims, reward)
    if event is None:
        filled_in = {"label": label or "", "description": description or ""}
        return _ask_event(interaction, type, emoji, message_id, terms, **filled_in)
    on_button = emoji if type == "button" else None
    look = chosen(interaction, place, ping=ping, image=image, thumbnail=thumbnail, colour=colour, emoji=on_button)
    given = asdict(terms) | {"event_type": event, "title": title, "description": description}
    if preview:
        kind = {"drop_type": "reaction", "emoji": emoji or PARTY} if type == "reaction" else {"label": label}
        return show_preview(interaction, place, look, **given, **kind)
    if type == "reaction":
        return reaction.create(interaction, place, emoji or PARTY, message_id, look, **given)
    return _create(interaction, place, look, label=label, **given)


def _ask_event(
    interaction: Interaction, kind: str, emoji: str | None, message_id: str | None, terms: Terms, **texts: str
) -> Reply:
    """Open the form that asks for the event, with what was given filled in."""
    filled_in = {"lifespan": write_lifespan(terms.lifespan), "max_claims": str(terms.max_claims or "")} | texts
    if kind == "reaction":
        return reaction.open_form(interaction, message_id, terms.reward, emoji=emoji or PARTY, **filled_in)
    return drop_form.open(interaction, None, terms.reward, **filled_in)


def _require_applicable(kind: str, **given: Any) -> None:
    """Name the options that a drop of the kind does not have. Raises InvalidOptionsError."""
    if kind == "button":
        refused = {"message": "{name} needs `type:reaction`."}
    else:
        refused = {"label": "{name} does not apply: a drop for reactions has no button."}
        if given["message"] is not None:
            changed = (name for name in given if name not in ("message", "label"))
            refused |= dict.fromkeys(changed, "{name} does not apply: that message stays as it is.")
    if problems := [Problem(name, sentence) for name, sentence in refused.items() if given[name] is not None]:
        raise InvalidOptionsError(problems)


def _require_room_in_form(channel: str | None, beside: dict[str, Any]) -> None:
    """Ask for the event where the form could not carry what else was given. Raises InvalidOptionsError."""
    if channel is not None:  # a form posts where it is sent
        raise InvalidOptionsError([Problem("event", "Choose {name} too: the form that asks for it posts here alone.")])
    if given := [code(name) for name, value in beside.items() if value is not None]:
        sentence = "Choose {name} too: the form that asks for it has no room for {given}."
        raise InvalidOptionsError([Problem("event", sentence, {"given": listed(given)})])


@message_menu("Make this a drop", requires=Level.EVENT_MANAGER)
def make_drop(interaction: Interaction, message_id: Snowflake) -> Reply:
    """Answer a message with a drop."""
    message = interaction.payload.data.resolved.messages.get(message_id)
    if message and message.type not in WRITTEN:
        return outcome_reply(interaction.conclude("message_not_replyable"))
    return drop_form.open(interaction, message_id, None, lifespan="24h")


@button("new_drop", requires=Level.EVENT_MANAGER)
def ask(interaction: Interaction) -> Reply:
    """Open the form of a new drop."""
    return drop_form.open(interaction, None, None, lifespan="24h")


def post_button() -> dict[str, Any]:
    """The button that opens the form of a new drop."""
    return button_component("Post a drop", ask.custom_id())


@form("drop", "Post a drop", requires=Level.EVENT_MANAGER, carries=("message_id", "reward"))
def drop_form(
    interaction: Interaction,
    event: EventCalled,
    terms: Terms,
    label: Label | None = None,
    description: Description | None = None,
    message_id: Snowflake | None = None,
) -> Reply:
    """Post a drop here, in reply to a message if one was chosen."""
    return _create(
        interaction,
        interaction.payload.here,
        event_type=event,
        label=label,
        description=description,
        reply_to=message_id,
        **asdict(terms),
    )


def _create(interaction: Interaction, channel: payload.Channel, look: Look = PLAIN, **arguments: Any) -> Reply:
    if look.emoji and is_foreign(interaction, look.emoji):
        return outcome_reply(interaction.conclude("emoji_foreign", emoji=look.emoji))
    contents = fetch(interaction, look.addresses)
    lacking = missing_to_post(channel)
    result = save(interaction, channel, missing_permissions=lacking, look=look.kept, **arguments)
    if result["outcome"] != "drop_created":
        return outcome_reply(result, instead=TO_ADMIN)
    return publish(interaction, result["drop"], files(look.kept, contents))


# --- Words

declare_refusals(
    {
        "message_not_replyable": lambda _: (
            "Discord takes no answers to messages of that kind. Choose one that somebody wrote, or use `/drop create`."
        ),
    }
)

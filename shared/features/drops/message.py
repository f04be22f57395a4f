"""The message of a drop, with its claim button if it has one, and the click on that."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

from shared import database
from shared.discord import rest
from shared.discord.emoji import Emoji
from shared.discord.error import (
    DiscordError,
)
from shared.discord.reply import COLOUR, MessagePayload, Reply, embed, message_payload, pinging, update
from shared.discord.reply import button as button_component
from shared.features.drops.discord_problems import discord_problem
from shared.features.drops.emoji import shown
from shared.features.earning import breakdown
from shared.features.refusals import DROP_OVER
from shared.format import amount, count, line, moment, number, one_line, paragraphs, role_mention, sentences
from shared.interactions.interaction import Interaction, Pays
from shared.interactions.outcomes import Facts, declare, outcome_reply
from shared.interactions.registry import button
from shared.log import logger

Drop = dict[str, Any]

OPEN_COLOUR, ENDED_COLOUR = COLOUR, 0x80848E
SHOW_SECONDS = 1.0  # a click edits the message only with so much time left, else its own answer could be late


@button("claim", pays=Pays.ONCE)
def claim(interaction: Interaction, drop_id: UUID) -> Reply:
    """Claim a drop, and show that on its message if SQL leaves it to this click; if it is over, replace the message."""
    message_id = interaction.payload.message.id if interaction.payload.message else None
    can_show = interaction.seconds_left() >= SHOW_SECONDS
    result = interaction.rpc("claim_drop", drop_id=str(drop_id), message_id=message_id, shows=can_show)
    if result["outcome"] in DROP_OVER:
        return update(render(result["drop"]))
    if "drop" in result and interaction.seconds_left() >= SHOW_SECONDS:
        show(interaction, result["drop"])
    return outcome_reply(result)


def render(drop: Drop, addresses: Mapping[str, str] | None = None) -> MessagePayload:
    """The message of a drop in any state: used when posting, updating and closing.

    Its pictures are files of the message, unless they are at other `addresses`, by their options.
    """
    is_over, look = drop["end_reason"] is not None, look_of(drop)
    shown = embed(
        drop_title(drop),
        "\n\n".join(filter(None, [paragraphs(drop["description"] or ""), drop_lines(drop)])),
        ENDED_COLOUR if is_over else look.get("colour", OPEN_COLOUR),
        footer=one_line(drop.get("brand", "")),
    )
    files = {} if look.get("is_lost") else {option: f"attachment://{look[option]}" for option in pictures_of(drop)}
    shown |= {option: {"url": address} for option, address in (files if addresses is None else addresses).items()}
    ping = role_mention(look["ping"]) if "ping" in look else ""
    return message_payload(ping, embeds=[shown], buttons=[] if "emoji" in drop else [_claim_button(drop)])


def _claim_button(drop: Drop) -> dict[str, Any]:
    emoji, is_over = Emoji.parse(look_of(drop).get("emoji", "")), drop["end_reason"] is not None
    return button_component(button_label(drop), claim.custom_id(drop["drop_id"]), disabled=is_over, emoji=emoji)


def look_of(drop: Facts) -> Facts:
    """What an admin has chosen for the look of a drop."""
    look: Facts = drop.get("look") or {}
    return look


def pictures_of(drop: Facts) -> list[str]:
    """The options of the pictures that the message of a drop was to have."""
    return [option for option in ("image", "thumbnail") if option in look_of(drop)]


def post(drop: Drop, files: tuple[rest.File, ...] = (), *, timeout: float) -> str:
    """Post the message of a drop and return its id. For some minutes a repetition posts no second message (nonce)."""
    return rest.created_id(rest.send(message_request(drop, files), timeout=timeout))


def message_request(drop: Drop, files: tuple[rest.File, ...] = ()) -> rest.Request:
    """The request that brings the message of a drop up to date: posts it if there is none yet, else edits it.

    A message that is posted without the files of its pictures says so.
    """
    if drop["message_id"] is not None:
        return rest.message_edit(drop["channel_id"], drop["message_id"], render(drop))
    nonce = drop["drop_id"].replace("-", "")[:25]  # Discord's limit
    is_lost = not files and bool(pictures_of(drop))
    message = render(drop | {"look": {**look_of(drop), "is_lost": True}} if is_lost else drop)
    if "ping" in look_of(drop):
        message = pinging(message, look_of(drop)["ping"])
    if "reply_to" in drop:  # post even if that message has been deleted meanwhile
        message |= {"message_reference": {"message_id": drop["reply_to"], "fail_if_not_exists": False}}
    return rest.message_creation(drop["channel_id"], message, nonce=nonce, files=files)


def lacks_pictures(drop: Facts, created: Any) -> bool:
    """Whether a message was posted without the pictures that it was to have: an earlier post may have had them."""
    embeds = created.get("embeds", []) if isinstance(created, dict) else []
    return bool(pictures_of(drop)) and not any(option in each for each in embeds for option in pictures_of(drop))


def show(interaction: Interaction, drop: Drop) -> Facts:
    """Update the message in the time that is left; expire_drops repeats what fails here.

    The result says what became of it: {message: shown, later, gone, or refused with the problem}.
    """
    try:
        edit = rest.message_edit(drop["channel_id"], drop["message_id"], render(drop))
        rest.send(edit, timeout=interaction.seconds_left())
    except DiscordError as error:
        return _not_shown(interaction, drop, error)
    with suppress(database.DatabaseError):  # expire_drops then edits it once more
        mark_rendered(drop, timeout=interaction.seconds_left())
    return {"message": "shown"}


def _not_shown(interaction: Interaction, drop: Drop, error: DiscordError) -> Facts:
    if error.is_gone:
        with suppress(database.DatabaseError):
            database.rpc("mark_drops_rendered", timeout=interaction.seconds_left(), gone=[drop])
        return {"message": "gone"}
    logger.warning("message not rendered", extra={"drop_id": drop["drop_id"], "problem": str(error)})
    if error.is_retryable or error.is_archived:  # expire_drops opens the thread
        return {"message": "later"}
    return {"message": "refused", "problem": discord_problem(error.code)}


def mark_rendered(drop: Drop, *, timeout: float) -> None:
    """Write down which message shows the drop, and the revision that it shows."""
    shown = {"drop_id": drop["drop_id"], "revision": drop["revision"], "message_id": drop["message_id"]}
    database.rpc("mark_drops_rendered", timeout=timeout, rendered=[shown])


# --- Words

BUTTON, SOLD_OUT_BUTTON, ENDED_BUTTON = "Claim", "Sold out", "Ended"
CELLS, FULL_CELL, EMPTY_CELL = 10, "▰", "▱"
WITHOUT_PICTURE = "*Posted without its picture, because Discord was slow to take it.*"

ENDINGS = {
    "expired": "This drop has ended: its time was up.",
    "sold_out": "This drop has ended: every claim was taken.",
    "ended": "This drop was ended by an admin.",
    "cancelled": "This drop was cancelled by an admin. What was paid stays paid.",
    "message_deleted": "This drop has ended.",
    "not_posted": "This drop was closed before it was posted.",
    "server_left": "This drop has ended: this server has left the brand that it was for.",
    "event_deleted": "This drop has ended: its event was deleted.",
}


def button_label(drop: Facts) -> str:
    """What the button of a drop says: its own label while it is open."""
    if drop["end_reason"]:
        return SOLD_OUT_BUTTON if drop["end_reason"] == "sold_out" else ENDED_BUTTON
    return one_line(drop["label"] or "") or BUTTON


def drop_name(drop: Facts) -> str:
    """How admins recognise a drop: its title, and its emoji, or the text of its button if that was set."""
    sign = shown(drop["emoji"]) if "emoji" in drop else line(drop["label"] or "", 80)
    return f"**{line(drop['title'], 80)}** ({sign})" if sign else f"**{line(drop['title'], 80)}**"


def drop_title(drop: Facts) -> str:
    """The headline of a drop's message: the one that was chosen, else its event."""
    return line(drop["title"], 200) if look_of(drop).get("is_titled") else f"Drop: {line(drop['title'], 200)}"


def drop_lines(drop: Facts) -> str:
    """The text of a drop's message below its headline."""
    if drop["end_reason"]:
        cause = end_cause(drop)
        ending = ENDINGS[cause]
        return ending if cause == "cancelled" else f"{ending}\n{claimed(drop)}"
    lines = [
        _how_to_claim(drop),
        bar(drop),
        ", ".join(filter(None, [_claimed_so_far(drop), ends(drop)])),
        WITHOUT_PICTURE if look_of(drop).get("is_lost") else "",
    ]
    return "\n".join(filter(None, lines))


def _how_to_claim(drop: Facts) -> str:
    reward = amount(drop["reward"])
    if "emoji" in drop:
        return f"React with {shown(drop['emoji'])} for **{reward}**, once per member; paid within a minute."
    return f"Press the button for **{reward}**, once per member."


def _claimed_so_far(drop: Facts) -> str:
    """How many claims of an open drop are taken: 3 claims so far, 3 of 100 claimed."""
    return f"{count(drop['claims_count'], 'claim')} so far" if drop["max_claims"] is None else claimed(drop)


def bar(drop: Facts) -> str:
    """What is left of a drop with a limit, in cells; one while anything is left. Empty for a drop without one."""
    if not drop["max_claims"]:
        return ""
    left = max(drop["max_claims"] - drop["claims_count"], 0)
    full: int = -(-left * CELLS // drop["max_claims"])  # rounded up
    return FULL_CELL * full + EMPTY_CELL * (CELLS - full)


def end_cause(drop: Facts) -> str:
    """Why a drop is over. The facts of an earlier release, which the audit log keeps, have the reason alone."""
    return str(drop.get("end_cause") or drop["end_reason"])


def claimed(drop: Facts) -> str:
    """How many claims of a drop are taken: 3 claims, 3 of 100 claimed."""
    if drop["max_claims"] is None:
        return count(drop["claims_count"], "claim")
    return f"{number(drop['claims_count'])} of {number(drop['max_claims'])} claimed"


def ends(drop: Facts) -> str:
    """When a drop ends; empty for a permanent one."""
    return f"ends {moment(drop['expires_at'])}" if drop["expires_at"] else ""


def message_link(drop: Facts) -> str:
    """Where Discord shows the message of a drop."""
    return f"https://discord.com/channels/{drop['server_id']}/{drop['channel_id']}/{drop['message_id']}"


def place(taken: int, limit: int | None) -> str:
    """Which place among the claims a member has got."""
    return f"You are number {number(taken)}." if limit is None else f"You are {number(taken)} of {number(limit)}."


def _claimed(facts: Facts) -> str:
    return "\n".join(
        [
            sentences(f"You got **{amount(facts['amount'])}**!", breakdown(facts)),
            f"{place(facts['place'], facts['max_claims'])} Your total is now **{amount(facts['balance'])}**.",
        ]
    )


declare({"claimed": _claimed})

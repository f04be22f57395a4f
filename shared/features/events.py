"""/config events: what members are paid for."""

import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints

from shared.discord.reply import DANGER, MessagePayload, Reply, message_payload, page, update
from shared.discord.reply import button as button_component
from shared.features.detection import TriggerOptions, detection, fires
from shared.features.drops.create import post_button
from shared.format import amount, code, count, cut, line, sentences, truncate_lines
from shared.interactions.interaction import Interaction
from shared.interactions.options import Event, EventName, limit_or_none
from shared.interactions.outcomes import Facts, declare, declare_refusals, outcome_reply, page_reply, sentence
from shared.interactions.registry import Level, button, command, group

group("config", "Configure this server")
group("config events", "The events that members earn RSNC for")

TITLE = "Events of this server"
MOST = 1_000_000

Reward = Annotated[int, Field(description="RSNC it pays, 1 to 10,000", ge=1, le=10_000)]
Cooldown = Annotated[int, Field(description="Hours until a member can earn it again; 0 or -1: none", ge=-1, le=8_760)]
MaxClaims = Annotated[
    int,
    AfterValidator(limit_or_none),
    Field(description="How often one member can earn it in all; -1: no limit", ge=-1, le=MOST),
]
MaxTotalClaims = Annotated[
    int,
    AfterValidator(limit_or_none),
    Field(description="How often all members together can; -1: no limit", ge=-1, le=MOST),
]
Label = Annotated[
    str,
    StringConstraints(strip_whitespace=True),
    Field(description="What members read instead of the name", min_length=1, max_length=80),
]
Claimable = Annotated[bool, Field(description="May members take it themselves?")]
Enabled = Annotated[bool, Field(description="On or off")]
OWN_NAME = r"[a-z0-9_]{1,50}"
OwnName = Annotated[str, StringConstraints(pattern=f"^{OWN_NAME}$")]


@dataclass(frozen=True)
class EventOptions:
    """What can be said of an event, beside what it pays and what triggers it."""

    cooldown: Cooldown | None = None
    max_claims: MaxClaims | None = None
    max_total_claims: MaxTotalClaims | None = None
    label: Label | None = None
    claimable: Claimable | None = None
    enabled: Enabled | None = None


@command("config events list", requires=Level.FULL_ADMIN)
def list_events(interaction: Interaction) -> Reply:
    """List the events of this server."""
    return page_reply(interaction.rpc("list_events"), "events", render)


@button("events", requires=Level.FULL_ADMIN)
def show(interaction: Interaction) -> Reply:
    """List the events, from a page about them."""
    return page_reply(interaction.rpc("list_events"), "events", render)


def show_button() -> dict[str, Any]:
    """The button that lists the events."""
    return button_component("Show the events", show.custom_id())


def render(facts: Facts) -> MessagePayload:
    """The events of a server, with the button that posts a drop of one."""
    return page(TITLE, events_page(facts), buttons=[post_button()] if facts["events"] else [])


@command("config events create", requires=Level.FULL_ADMIN)
def create(
    interaction: Interaction, name: EventName, reward: Reward, options: EventOptions, trigger: TriggerOptions
) -> Reply:
    """Create an event."""
    return _save(interaction, "create_event", name, reward, options, trigger)


@command("config events edit", requires=Level.FULL_ADMIN)
def edit(
    interaction: Interaction,
    name: Event,
    reward: Reward | None = None,
    *,
    options: EventOptions,
    trigger: TriggerOptions,
) -> Reply:
    """Change an event; what you leave out stays."""
    return _save(interaction, "edit_event", name, reward, options, trigger)


def _save(
    interaction: Interaction,
    function: str,
    name: str,
    reward: int | None,
    options: EventOptions,
    trigger: TriggerOptions,
) -> Reply:
    result = interaction.rpc(
        function,
        event_type=name,
        reward=reward,
        cooldown_hours=options.cooldown,
        max_claims=options.max_claims,
        max_total_claims=options.max_total_claims,
        label=options.label,
        claimable=options.claimable,
        enabled=options.enabled,
        detection=detection(trigger),
    )
    return outcome_reply(result)


@command("config events delete", requires=Level.FULL_ADMIN)
def delete(interaction: Interaction, name: Event) -> Reply:
    """Delete an event after a question; what it has paid stays paid."""
    if not re.fullmatch(OWN_NAME, name):  # of another program: no button can carry it
        return outcome_reply(interaction.rpc("delete_event", event_type=name))
    result = interaction.rpc("delete_event", event_type=name, confirmed=False)
    return page_reply(result, "event_deletion_asked", _deletion_question)


def _deletion_question(asked: Facts) -> MessagePayload:
    delete_it = button_component(DELETE_BUTTON, confirm_deletion.custom_id(asked["event"]), style=DANGER)
    return page(DELETE_TITLE, deletion_question(asked), buttons=[delete_it])


@button("delete_event", requires=Level.FULL_ADMIN)
def confirm_deletion(interaction: Interaction, name: OwnName) -> Reply:
    """Delete the event, and replace the question by what became of it."""
    return update(message_payload(sentence(interaction.rpc("delete_event", event_type=name))))


@command("config events toggle", requires=Level.FULL_ADMIN)
def toggle(interaction: Interaction, name: Event, enabled: Enabled | None = None) -> Reply:
    """Switch an event on or off."""
    return outcome_reply(interaction.rpc("toggle_event", event_type=name, enabled=enabled))


# --- Words

DELETE_TITLE, DELETE_BUTTON = "Delete this event?", "Delete it"


def deletion_question(asked: Facts) -> str:
    """What goes with an event that is deleted."""
    event = f"`{asked['event']}` ({line(asked['label'], 80)})" if asked["label"] else f"`{asked['event']}`"
    return sentences(
        f"{event} would pay nobody any more.",
        f"{count(asked['open_drops'], 'open drop')} of it will end with it." if asked["open_drops"] else "",
        "What it has paid stays paid.",
        "This cannot be undone; to pause it instead, use `/config events toggle`.",
    )


LIST_LIMIT = 1_700  # of a message's 2,000 characters; the rest is for the sentences around the list
BRAND_WIDE = (
    "A **brand-wide** event holds on all servers of the brand. Changing one here makes it this server's own; "
    "what the brand changes of it then no longer reaches this server."
)


def event_list(events: list[Facts]) -> str:
    """Events as lines, as many as a message has room for."""
    return "\n".join(truncate_lines([event_line(event) for event in events], LIST_LIMIT))


def events_page(facts: Facts) -> str:
    """The events of a server, and what brand-wide means where one is."""
    events = facts["events"]
    if not events:
        return "There are no events yet. Create one with `/config events create`."
    is_any_brand_wide = any(event["brand_wide"] for event in events)
    return f"{event_list(events)}\n{BRAND_WIDE}" if is_any_brand_wide else event_list(events)


def event_line(event: Facts) -> str:
    """An event as one line of a list."""
    limits = [
        fires(event.get("detection")),
        f"once in {count(event['cooldown_hours'], 'hour')}" if event["cooldown_hours"] else "",
        _ignored_cooldown(event["ignored_cooldown_hours"]),
        _per_member(event["max_claims"]),
        _in_all(event["max_total_claims"]),
        _claimable(event) if event["claimable"] else "",
        "**brand-wide**" if event["brand_wide"] else "",
        "" if event["enabled"] else "**off**",
    ]
    told = ", ".join([f"**{amount(event['reward'])}**", *filter(None, limits)])
    if event["label"]:
        return f"{line(event['label'], 80)}: {told} (`{event['event']}`)"
    return f"`{event['event']}`: {told}"


def _per_member(claims: int | None) -> str:
    """How often one member can earn an event; empty without a limit."""
    if claims is None:
        return ""
    return "once per member" if claims == 1 else f"{count(claims, 'time')} per member"


def _in_all(claims: int | None) -> str:
    """How often all members together can earn an event; empty without a limit."""
    if claims is None:
        return ""
    return "once in all" if claims == 1 else f"{count(claims, 'time')} in all"


def _ignored_cooldown(hours: int | None) -> str:
    """That a cooldown, set by another program, does not count."""
    return f"its cooldown of {count(hours, 'hour')} is ignored" if hours else ""


def _claimable(event: Facts) -> str:
    """That members may take an event themselves, with a warning if nothing limits it."""
    limits = (event["cooldown_hours"], event["max_claims"], event["max_total_claims"])
    is_unlimited = limits == (None, None, None)
    return "claimable by members **without any limit**" if is_unlimited else "claimable by members"


def _deleted(facts: Facts) -> str:
    deleted = f"The event `{facts['event']}` is deleted. What it has paid stays paid."
    if facts["brand_wide"]:
        return f"{deleted}\nThe brand's own event of that name holds now:\n{event_line(facts['brand_wide'])}"
    if facts.get("ended_drops"):
        return f"{deleted}\n{count(facts['ended_drops'], 'open drop')} of it ended with it."
    if facts["open_drops"]:  # without migration 013
        return f"{deleted}\n{count(facts['open_drops'], 'open drop')} of it can no longer be claimed."
    return deleted


def _toggled(facts: Facts) -> str:
    event = facts["event"]
    name = line(event["label"] or event["event"], 80)
    return f"**{name}** is now on." if event["enabled"] else f"**{name}** is now off."


declare(
    {
        "event_created": lambda f: f"The event is ready:\n{event_line(f['event'])}",
        "event_edited": lambda f: f"Changed. From the next claim on:\n{event_line(f['event'])}",
        "event_unchanged": lambda f: (
            "Nothing has changed: the event is as you want it already, or you have said nothing to change.\n"
            f"{event_line(f['event'])}"
        ),
        "event_toggled": _toggled,
        "event_deleted": _deleted,
    }
)
declare_refusals(
    {
        "event_exists": lambda f: (
            f"There is an event of that name already:\n{event_line(f['event'])}\nChange it with `/config events edit`."
        ),
        "cooldown_not_taken": lambda f: (
            f"Nothing has changed: `{f['event']}` takes no cooldown. It is earned once a day, by the clock of this "
            "server (`/config streaks`)."
        ),
        "trigger_not_taken": lambda f: (
            f"Nothing has changed: no activity pays `{f['event']}`. It is earned once a day, by `/daily`."
        ),
        "detection_invalid": lambda f: (
            f"Nothing has changed: the database does not take {code(cut(f['field'], 100))} of this trigger."
        ),
        "event_is_brand_wide": lambda f: (
            f"`{f['event']}` belongs to the brand and cannot be deleted from here. "
            "Switch it off with `/config events toggle`."
        ),
    }
)

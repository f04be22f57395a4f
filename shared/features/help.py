"""/help: what this member may use here, by topic, from the declarations."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from shared import features
from shared.database import DatabaseError
from shared.discord.reply import MessagePayload, Reply, ephemeral_message, page, select_menu, update
from shared.interactions.interaction import Interaction
from shared.interactions.outcomes import Facts
from shared.interactions.registry import REGISTRY, Handler, Level, command, select

PLACEHOLDER = "What do you want to know about?"

TopicName = Annotated[
    Literal["start", "earn", "streak", "drops", "boards", "setup", "events", "posting", "rewards", "records"], Field()
]


@command("help")
def show_help(interaction: Interaction) -> Reply:
    """Show what you can do with Resonance in this server."""
    return ephemeral_message(_help(interaction, "start"))


@select("help")
def choose(interaction: Interaction, topic: TopicName) -> Reply:
    """Show another topic."""
    return update(_help(interaction, topic))


def _help(interaction: Interaction, topic: str) -> MessagePayload:
    """A topic, or the first one where the member may use nothing of it any more."""
    features.declare_all()
    facts = _facts(interaction)
    allowed = {name: found for name in TOPICS if (found := commands_of(name, facts["level"]))}
    shown = topic if topic in allowed else "start"
    commands = "\n".join(f"{_how(found, facts['command_ids'])} {found.description}" for found in allowed[shown])
    return page(
        TOPICS[shown].title,
        f"{TOPICS[shown].about}\n\n{commands}",
        select=select_menu(
            choose.custom_id(),
            [(TOPICS[name].title, name) for name in allowed],
            placeholder=PLACEHOLDER,
            chosen=shown,
        ),
    )


def _facts(interaction: Interaction) -> Facts:
    """The member's level and the ids of the commands; without a database what Discord tells, and no ids."""
    try:
        return interaction.rpc("get_help")
    except DatabaseError:
        return {"level": Level.FULL_ADMIN if interaction.manages_server else Level.MEMBER, "command_ids": {}}


def commands_of(topic: str, level: int) -> list[Handler]:
    """The commands and menu entries of a topic that a level may use, in the order of the topic."""
    declared: list[Handler] = [*REGISTRY.commands.values(), *REGISTRY.menus.values()]
    return [
        found
        for beginning in TOPICS[topic].commands
        for found in declared
        if found.requires <= level and f"{found.name} ".startswith(f"{beginning} ")
    ]


# --- Words


@dataclass(frozen=True)
class Topic:
    """A part of the help."""

    title: str
    about: str
    commands: tuple[str, ...]  # how the paths of its commands begin; the names of its menu entries; in this order


TOPICS = {
    "start": Topic(
        "Getting started",
        "Resonance pays you RSNC for taking part in this server. Take your welcome bonus, check in once a day, and "
        "look out for drops: messages with a button or a reaction that pay whoever is there.",
        ("join", "daily", "balance", "help", "privacy"),
    ),
    "earn": Topic(
        "Earn",
        "Some rewards come once a day, some after a pause, some only once. What you get is yours at once, and your "
        "streak and your roles can make it more.",
        ("daily", "claim", "cooldowns", "history"),
    ),
    "streak": Topic(
        "Streak",
        "Check in every day, and your streak grows. A longer one multiplies all your rewards, and some lengths have a "
        "bonus that you can take once.",
        ("streak", "daily"),
    ),
    "drops": Topic(
        "Drops",
        "A drop is a message that pays whoever presses its button or reacts to it, once per member, until it ends or "
        "all of its claims are taken. Your history shows what you got.",
        ("history", "cooldowns"),
    ),
    "boards": Topic(
        "Leaderboards",
        "Leaderboards are for everybody to see. The button under one tells you your own rank, and only you.",
        ("leaderboard", "streak leaderboard", "balance"),
    ),
    "setup": Topic(
        "Setup",
        "Connect this server to a brand, decide who may manage what, and check that everything works.",
        (
            "setup",
            "config show",
            "config streaks",
            "config channels",
            "config role-bonus",
            "config admin-roles",
            "config test-mode",
            "config language",
        ),
    ),
    "events": Topic(
        "Events",
        "An event says what members are paid for, how much, and how often. A change counts from the next claim on.",
        ("config events",),
    ),
    "posting": Topic(
        "Drops and watches",
        "Post a drop where your members are, or let every new message of a channel become one.",
        ("drop", "watch", "Make this a drop", "Reward reactions"),
    ),
    "rewards": Topic(
        "Rewards",
        "Reward a member by hand, take a reward back, or pause somebody's rewards.",
        ("reward", "config member"),
    ),
    "records": Topic(
        "Records",
        "See what was paid, who changed what, and take it with you as a file.",
        ("stats", "audit", "export"),
    ),
}


def menu_entry(name: str) -> str:
    """Where members find an entry of a message's menu."""
    return f"a message's menu > Apps > {name}"


def _how(found: Handler, command_ids: Mapping[str, str]) -> str:
    """How a command is called: as a mention that opens it where its id is known."""
    if found.name in REGISTRY.menus:
        return f"`{menu_entry(found.name)}`"
    command_id = command_ids.get(found.name.split(" ")[0])
    return f"</{found.name}:{command_id}>" if command_id else f"`/{found.name}`"

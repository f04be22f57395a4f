"""/watch: channels whose new messages become drops that pay whoever reacts."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from shared.discord.payload import Snowflake
from shared.discord.permissions import FORUM, missing_to_react, missing_to_send
from shared.discord.reply import Reply, ephemeral, page
from shared.features.drops.emoji import PARTY, ReactionEmoji, in_plain, is_foreign, shown
from shared.features.drops.listing import DROP_ID
from shared.features.drops.options import Lifespan, Reward, lifespan_name
from shared.features.drops.reaction import TO_REWARD
from shared.features.drops.saving import permission_names, seconds
from shared.features.names import channel_names
from shared.features.notices import PAUSES
from shared.format import (
    CHOICE_LIMIT,
    PAGE_LIMIT,
    amount,
    channel_mention,
    count,
    cut,
    line,
    moment,
    number,
    one_line,
    role_mention,
    sentences,
    truncate_lines,
)
from shared.interactions.interaction import Interaction
from shared.interactions.options import TEXT_CHANNELS, Event, filter_choices, mentioned
from shared.interactions.outcomes import (
    Facts,
    Sentences,
    declare,
    declare_refusals,
    outcome_reply,
    page_reply,
    sentence,
)
from shared.interactions.problems import InvalidOptionsError, Problem
from shared.interactions.registry import CHANNEL, ROLE, Level, OptionKind, command, group

group("watch", "Make every new message of a channel a drop that pays whoever reacts")

TITLE = "Watched channels"
NO_WATCHES = "No channel is watched in this server. Start with `/watch start`."


def watch_choices(interaction: Interaction, typed: str) -> list[tuple[str, str]]:
    """The server's watches that match what was typed."""
    found = interaction.rpc("list_watches", with_paid=False).get("watches", [])
    names = channel_names(interaction) if found else {}
    of_channel = [watch for watch in found if watch["channel_id"] == mentioned(typed)]
    choices = [(watch_choice(watch, names), watch["watch_id"]) for watch in of_channel or found]
    return choices if of_channel else filter_choices(choices, typed)


WatchedChannel = Annotated[
    Snowflake,
    OptionKind(CHANNEL, channel_types=(*TEXT_CHANNELS, FORUM)),
    Field(description="Whose new messages; of a forum the first message of every post"),
]
Authors = Annotated[
    Literal["everyone", "members", "bots"],
    OptionKind(choice_name=lambda value: AUTHORS[value]),
    Field(description="Whose messages; default: everyone's"),
]
AuthorRole = Annotated[Snowflake, OptionKind(ROLE), Field(description="Only messages of members with this role")]
OpenWatch = Annotated[
    str,
    OptionKind(complete=watch_choices, not_chosen="Choose a watch from the list."),
    StringConstraints(pattern=DROP_ID),
    Field(description="Which watch"),
]


@command("watch start", requires=Level.EVENT_MANAGER)
def start(
    interaction: Interaction,
    channel: WatchedChannel,
    event: Event = "news_tracker",
    emoji: ReactionEmoji = PARTY,
    reward: Reward | None = None,
    lifespan: Lifespan = timedelta(hours=24),
    authors: Authors = "everyone",
    role: AuthorRole | None = None,
) -> Reply:
    """Make every new message of a channel a drop that pays whoever reacts."""
    if role is not None and authors == "bots":
        raise InvalidOptionsError(
            [Problem("role", "{name} does not apply to bots and webhooks: leave it out, or choose members.")]
        )
    if is_foreign(interaction, emoji):
        return outcome_reply(interaction.conclude("emoji_foreign", emoji=emoji))
    place = interaction.payload.named_channel(channel)
    result = interaction.rpc(
        "start_watch",
        place,
        channel_id=channel,
        event_type=event,
        emoji=emoji,
        reward=reward,
        lifespan_seconds=seconds(lifespan),
        authors="members" if role else authors,  # bots can have roles too
        author_role_id=role,
        is_forum=place.type == FORUM,
        last_message_id=interaction.payload.id,  # a snowflake of this moment
        missing_permissions=missing_to_react(int(place.app_permissions), place.type) if place.app_permissions else [],
        missing_permissions_of_caller=missing_to_send(place.permissions, place.type),
    )
    return outcome_reply(result, instead=TO_WATCH)


@command("watch stop", requires=Level.EVENT_MANAGER)
def stop(interaction: Interaction, watch: OpenWatch) -> Reply:
    """Make no more drops of a channel's messages; those that are there live on."""
    return outcome_reply(interaction.rpc("stop_watch", watch_id=watch))


@command("watch list", requires=Level.EVENT_MANAGER)
def list_watches(interaction: Interaction) -> Reply:
    """List the watched channels, and what their drops have paid."""
    result = interaction.rpc("list_watches")
    if result["outcome"] == "watches" and not result["watches"]:
        return ephemeral(NO_WATCHES)
    return page_reply(result, "watches", lambda found: page(TITLE, watch_list(found)))


# --- Words

AUTHORS = {"everyone": "everyone", "members": "members, no bots", "bots": "bots and webhooks"}

_MESSAGES = {
    "everyone": "whoever writes",
    "members": "only messages by members",
    "bots": "only messages by bots and webhooks",
}

TO_WATCH: Sentences = {
    **TO_REWARD,
    "post_not_allowed": lambda f: (
        f"You cannot post in <#{f['channel_id']}> yourself, so you cannot watch it: you lack {permission_names(f)}. "
        "Nothing has changed."
    ),
    "brand_disabled": lambda _: "The brand of this server is switched off. Its people can switch it on again.",
}


def watch_list(found: Facts) -> str:
    """Watches as lines, as many as there is room for."""
    return "\n".join(truncate_lines([watch_line(w) for w in found["watches"]], PAGE_LIMIT - 100, found["total"]))


def watch_line(watch: Facts) -> str:
    """A watch as one line of a list, with a second one where it makes no drops, or none that pay."""
    said = f"{channel_mention(watch['channel_id'])}: {_terms(watch)}, {_messages(watch)}; {_paid(watch)}"
    if watch["pause_reason"]:
        return f"{said}\n⚠️ Paused {moment(watch['paused_at'])}. {PAUSES[watch['pause_reason']]}"
    if watch["problem"]:
        return f"{said}\n⚠️ New drops pay nobody: {sentence(watch['problem'], TO_WATCH)}"
    return said


def watch_choice(watch: Facts, names: Mapping[str, str]) -> str:
    """A watch as a suggestion, in plain text: News tracker (🎉) in #news. Without a name it is the id."""
    channel = cut(names.get(watch["channel_id"], watch["channel_id"]), 30)
    place = f"({in_plain(watch['emoji'])}) in {channel}"
    if watch["pause_reason"]:
        place = f"{place}, paused"
    return f"{cut(one_line(watch['event']), CHOICE_LIMIT - len(place) - 1)} {place}"


def _terms(watch: Facts) -> str:
    """What one of its drops pays: **News tracker** with 🎉, 5 RSNC, open for 1 day."""
    lifespan = watch["lifespan_seconds"]
    open_for = "permanent" if lifespan is None else f"open for {lifespan_name(timedelta(seconds=lifespan))}"
    return f"**{line(watch['event'], 80)}** with {shown(watch['emoji'])}, {amount(watch['reward'])}, {open_for}"


def _messages(watch: Facts) -> str:
    """Whose messages become drops."""
    if watch["author_role_id"]:
        return f"only messages by members with {role_mention(watch['author_role_id'])}"
    return _MESSAGES[watch["authors"]]


def _paid(watch: Facts) -> str:
    paid = watch["paid"]
    if not paid:
        return "no drop so far"
    drops, still_open = count(paid["drops"], "drop"), number(paid["open_drops"])
    if not paid["claims"]:
        return f"{drops}, {still_open} still open, nothing paid yet"
    return f"{drops}, {still_open} still open, {amount(paid['amount'])} paid for {count(paid['claims'], 'reaction')}"


def _started(facts: Facts) -> str:
    watch = facts["watch"]
    channel, drop = channel_mention(watch["channel_id"]), f"{_terms(watch)}, {_messages(watch)}"
    return sentences(
        f"The first message of every new post in {channel} becomes a drop: {drop}."
        if watch["is_forum"]
        else f"Every new message in {channel} becomes a drop: {drop}.",
        "I add the emoji within a minute.",
        "`/watch list` shows what it pays, `/watch stop` ends it.",
    )


def _stopped(facts: Facts) -> str:
    paid = facts["paid"]
    return sentences(
        f"New messages in {channel_mention(facts['watch']['channel_id'])} become no drops any more.",
        _made(paid),
        "Those that are open live on; end them with `/drop end`." if paid and paid["open_drops"] else "",
    )


def _made(paid: Facts | None) -> str:
    if not paid:
        return "It made no drop so far."
    drops, still_open = count(paid["drops"], "drop"), number(paid["open_drops"])
    if not paid["claims"]:
        return f"It made {drops}, {still_open} still open, and has paid nothing."
    claims = count(paid["claims"], "reaction")
    return f"It made {drops}, {still_open} still open, and has paid {amount(paid['amount'])} for {claims}."


declare({"watch_started": _started, "watch_stopped": _stopped})
declare_refusals(
    {
        "watch_exists": lambda f: (
            f"Nothing has changed: {channel_mention(f['watch']['channel_id'])} is watched already: "
            f"{_terms(f['watch'])}. To change that, `/watch stop` it first."
        ),
        "too_many_watches": lambda f: (
            f"This server watches {count(f['limit'], 'channel')} already, the most that one server may. Nothing has "
            "changed: `/watch stop` one of them first, then start this one."
        ),
        "watch_unknown": lambda _: (
            "There is no such watch in this server. Pick one from what Discord suggests, or see `/watch list`."
        ),
        "watch_over": lambda f: (
            f"Nothing has changed: the watch of {channel_mention(f['watch']['channel_id'])} was stopped "
            f"{moment(f['watch']['stopped_at'])}."
        ),
    }
)

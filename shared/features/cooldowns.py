"""/cooldowns: what a member can take now, and what later."""

from shared.discord.reply import MessagePayload, Reply, page
from shared.features.daily import check_in_button
from shared.features.drops.message import message_link
from shared.format import (
    amount,
    channel_mention,
    code,
    count,
    cut,
    is_id,
    label_or_name,
    line,
    moment,
    sentences,
    truncate_lines,
)
from shared.interactions.interaction import Interaction
from shared.interactions.outcomes import Facts, Sentences, page_reply, sentence
from shared.interactions.registry import command

TITLE = "What you can take, and when"
SECTION_LIMIT = 680  # characters; an embed holds four sections below a refusal


@command("cooldowns")
def cooldowns(interaction: Interaction) -> Reply:
    """Show what you can take now, and when the rest is ready."""
    return page_reply(interaction.rpc("get_cooldowns"), "cooldowns", render)


def render(facts: Facts) -> MessagePayload:
    """What a member can take, with the button for the check-in where that is open."""
    can_check_in = facts["daily"] and not facts["daily"]["next_at"] and not facts["refusal"]
    return page(TITLE, cooldowns_page(facts), buttons=[check_in_button()] if can_check_in else [])


def cooldowns_page(facts: Facts) -> str:
    """What a member can take now, what later, what is used up, and which reactions did not pay."""
    refusal = facts["refusal"]
    is_elsewhere = refusal is not None and refusal["outcome"] == "channel_excluded"
    ready = [f"{label_or_name(e)}: **{amount(e['reward'])}**, {_command_for(e)}" for e in facts["ready"]]
    daily = facts["daily"]
    if refusal and not is_elsewhere:  # nothing is ready for them
        ready, daily = [], daily and daily["next_at"] and daily
    sections = [
        f"**Not now:** {sentence(refusal)}" if refusal else "",
        _check_in_line(daily) if daily else "",
        _section("Ready in another channel" if is_elsewhere else "Ready", ready),
        _section("Later", [f"{label_or_name(e)}: {moment(e['retry_at'])}" for e in facts["waiting"]]),
        _section("Used up", [label_or_name(e) for e in facts["used_up"]]),
        _section("Reactions that did not pay", [_reaction_line(r) for r in facts.get("reactions", [])]),
    ]
    return "\n\n".join(filter(None, sections)) or "There is nothing to take at the moment. Look out for drops."


def _reaction_line(refused: Facts) -> str:
    """A reaction of the last day: News tracker, 5 minutes ago: why it did not pay."""
    title = line(refused["title"] or "A drop", 60)
    if all(is_id(refused[part]) for part in ("server_id", "channel_id", "message_id")):
        title = f"[{title}]({message_link(refused)})"
    return f"{title}, {moment(refused['at'])}: {sentence(refused['refusal'], _OF_A_REACTION)}"


# Refusals that a member reads in another place, or later, than they happened.
_OF_A_REACTION: Sentences = {
    "channel_excluded": lambda f: f"Rewards are off in {channel_mention(f['channel_id'])}.",
    "drop_full": lambda _: "Every claim was taken before yours.",
    "drop_expired": lambda _: "It had ended before you reacted.",
    "drop_ended": lambda _: "It had ended before you reacted.",
}


def _command_for(event: Facts) -> str:
    return "`/join`" if event["event"] == "welcome_bonus" else code(f"/claim event:{cut(event['event'], 100)}")


def _check_in_line(daily: Facts) -> str:
    opens = f"Daily check-in: opens {moment(daily['next_at'])}." if daily["next_at"] else ""
    return sentences(
        opens or "Daily check-in: ready, take it with `/daily`.",
        f"Your streak is {count(daily['streak'], 'day')}." if daily["streak"] else "",
    )


def _section(heading: str, lines: list[str]) -> str:
    return "\n".join([f"**{heading}**", *truncate_lines(lines, SECTION_LIMIT)]) if lines else ""

"""/cooldowns: what a member can take now, and what later."""

from shared.discord.reply import Reply, page
from shared.format import amount, code, count, cut, label_or_name, moment, truncate_lines
from shared.interactions.interaction import Interaction
from shared.interactions.outcomes import Facts, page_reply, sentence
from shared.interactions.registry import command

TITLE = "What you can take, and when"
SECTION_LIMIT = 900  # characters; an embed holds three sections below a refusal


@command("cooldowns")
def cooldowns(interaction: Interaction) -> Reply:
    """Show what you can take now, and when the rest is ready."""
    return page_reply(interaction.rpc("get_cooldowns"), "cooldowns", lambda found: page(TITLE, cooldowns_page(found)))


def cooldowns_page(facts: Facts) -> str:
    """What a member can take now, what later, and what is used up."""
    sections = [
        f"**Not now:** {sentence(facts['refusal'])}" if facts["refusal"] else "",
        _check_in_line(facts["daily"]) if facts["daily"] else "",
        _section(
            "Ready", [f"{label_or_name(e)}: **{amount(e['reward'])}**, {_command_for(e)}" for e in facts["ready"]]
        ),
        _section("Later", [f"{label_or_name(e)}: {moment(e['retry_at'])}" for e in facts["waiting"]]),
        _section("Used up", [label_or_name(e) for e in facts["used_up"]]),
    ]
    return "\n\n".join(filter(None, sections)) or "There is nothing to take at the moment. Look out for drops."


def _command_for(event: Facts) -> str:
    return "`/join`" if event["event"] == "welcome_bonus" else code(f"/claim event:{cut(event['event'], 100)}")


def _check_in_line(daily: Facts) -> str:
    when = f"opens {moment(daily['next_at'])}" if daily["next_at"] else "ready, take it with `/daily`"
    kept = f". Your streak is {count(daily['streak'], 'day')}" if daily["streak"] else ""
    return f"Daily check-in: {when}{kept}."


def _section(heading: str, lines: list[str]) -> str:
    return "\n".join([f"**{heading}**", *truncate_lines(lines, SECTION_LIMIT)]) if lines else ""

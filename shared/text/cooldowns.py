"""What a member can take now, and what later."""

from shared.format import Facts, amount, called, code, count, cut, fitting, moment
from shared.text.sentences import sentence

COOLDOWNS_TITLE = "What you can take, and when"
SECTION_LIMIT = 900  # three of them go into an embed, below a refusal


def cooldowns(facts: Facts) -> str:
    """What a member can take now, what later, and what is used up."""
    sections = [
        f"**Not now:** {sentence(facts['refusal']['outcome'], facts['refusal'])}" if facts["refusal"] else "",
        _check_in_line(facts["daily"]) if facts["daily"] else "",
        _section("Ready", [f"{called(e)}: **{amount(e['reward'])}**, {claim_hint(e)}" for e in facts["ready"]]),
        _section("Later", [f"{called(e)}: {moment(e['retry_at'])}" for e in facts["waiting"]]),
        _section("Used up", [called(e) for e in facts["used_up"]]),
    ]
    return "\n\n".join(filter(None, sections)) or "There is nothing to take at the moment. Look out for drops."


def claim_hint(event: Facts) -> str:
    """How to take an event."""
    return "`/join`" if event["event"] == "welcome_bonus" else code(f"/claim event:{cut(event['event'], 100)}")


def _check_in_line(daily: Facts) -> str:
    when = f"opens {moment(daily['next_at'])}" if daily["next_at"] else "ready, take it with `/daily`"
    kept = f". Your streak is {count(daily['streak'], 'day')}" if daily["streak"] else ""
    return f"Daily check-in: {when}{kept}."


def _section(heading: str, lines: list[str]) -> str:
    return "\n".join([f"**{heading}**", *fitting(lines, SECTION_LIMIT)]) if lines else ""

"""/setup status: which brand a server belongs to, who last changed its events, and which of them do not pay."""

from shared.discord.reply import MessagePayload, Reply, page
from shared.features.audit.entry import audit_line
from shared.features.detection import fires
from shared.features.events import show_button
from shared.format import amount, code, count, cut, line, sentences, truncate_lines
from shared.interactions.interaction import Interaction
from shared.interactions.outcomes import Facts, page_reply
from shared.interactions.registry import Level, command

TITLE = "This server and its brand"


@command("setup status", requires=Level.FULL_ADMIN)
def status(interaction: Interaction) -> Reply:
    """Show which brand this server is connected to, and how its events stand."""
    return page_reply(interaction.rpc("get_server"), "server", render)


def render(facts: Facts) -> MessagePayload:
    """The state of a server, with the button for the events that it speaks of."""
    return page(TITLE, status_page(facts), buttons=[show_button()])


# --- Words

LIST_LIMIT, ACTIVITY_LIMIT = 1_500, 700  # characters of a page's 3,500; the rest is for the sentences before the lists

_PROBLEMS = {
    "superseded": "This server's own event of that name holds here; what the brand changes of it does not.",
    "off": "It is off. `/config events toggle` switches it on.",
    "limit_of_zero": "One of its limits is 0, so nobody can earn it.",
    "amount_missing": "It has no amount, which counts as 0 RSNC where a drop does not say its own.",
    "amount_of_zero": "Its amount is 0 RSNC, where a drop does not say its own.",
    "detection_unknown": (
        "No activity pays it, because its `detection_config` has no trigger that I know; commands and drops do."
    ),
}


def status_page(facts: Facts) -> str:
    """The connection, the last changes from both sides, and what does not pay."""
    lines = [
        sentences(connected_to(facts["brand_id"], facts.get("server_name")), _switched_off(facts)),
        f"{count(len(facts['events']), 'event')}, {count(facts['open_drops'], 'open drop')}, "
        f"**{amount(facts['distributed'])}** earned by {count(facts['members'], 'member')}.",
    ]
    return "\n".join(lines + _changes(facts) + _activity(facts["events"]) + _problems(facts["event_problems"]))


def connected_to(brand_id: str, server_name: str | None) -> str:
    """Which brand a server is connected to, and how that knows it."""
    brand = code(cut(brand_id, 100))
    if not server_name:
        return f"Connected to the brand {brand}."
    return f"Connected to the brand {brand} as **{line(server_name, 100)}**."


def _switched_off(facts: Facts) -> str:
    return "" if facts["is_brand_active"] else "It is switched off: nobody earns here until it is switched on again."


def _changes(facts: Facts) -> list[str]:
    """Who last changed an event, on either side."""
    return [
        "",
        "**Last change of an event**",
        f"By a command: {_change(facts['changed_by_command'])}",
        f"By the portal or another program: {_change(facts['changed_otherwise'])}",
    ]


def _change(entry: Facts | None) -> str:
    return f"{audit_line(entry)}." if entry else "none so far."


def _activity(events: list[Facts]) -> list[str]:
    """Which events activity pays, and for what."""
    paid = [(event, fires(event.get("detection"))) for event in events if event["enabled"]]
    lines = [f"- {code(cut(event['event'], 100))}: {what}" for event, what in paid if what]
    return ["", "**Paid for activity**", *truncate_lines(lines, ACTIVITY_LIMIT)] if lines else []


def _problems(problems: list[Facts]) -> list[str]:
    if not problems:
        return ["", "Every event can pay."]
    return ["", "**Events that do not pay as they stand**", *truncate_lines(list(map(_problem, problems)), LIST_LIMIT)]


def _problem(event: Facts) -> str:
    """An event and why it does not pay, in a sentence."""
    name, problem = code(cut(event["event"], 100)), _PROBLEMS[event["problem"]]
    return f"- brand-wide {name}: {problem}" if event["brand_wide"] else f"- {name}: {problem}"

"""What the admins of a server are told in their admin channel: at most one message a minute."""

from shared.discord import rest
from shared.discord.reply import page
from shared.features.audit.entry import audit_line
from shared.features.drops.message import ENDINGS, drop_name, end_cause, message_link
from shared.format import PAGE_LIMIT, amount, channel_mention, count, is_id, sentences, truncate_lines
from shared.interactions.outcomes import Facts

TITLE = "What happened"
FOOTER = "All changes: /audit"


def message_request(server: Facts) -> rest.Request | None:
    """The request that tells a server's admins; None if nothing is worth telling.

    For some minutes a repetition posts no second message (nonce). Raises ValueError for a channel that is no id.
    """
    if not (text := notices_page(server)):
        return None
    told = page(TITLE, text, footer=FOOTER)
    nonce = f"notice {server['notices'][-1]['notice']}"
    return rest.message_creation(server["channel_id"], told, nonce=nonce)


# --- Words


def notices_page(server: Facts) -> str:
    """The notices of a server, a line each, as many as there is room for; empty if nothing is worth telling."""
    lines = list(filter(None, map(notice_line, server["notices"])))
    if not lines:  # what is beside these comes in the next message
        return ""
    return "\n".join(truncate_lines(lines, PAGE_LIMIT - 100, len(lines) + server["more"]))


def notice_line(notice: Facts) -> str:
    """A notice in words; empty where the thing is gone or over."""
    if "audit" in notice:
        return audit_line(notice["audit"])
    if "drop" in notice:
        return _drop_ended(notice["drop"], notice["paid"])
    if "watched" in notice:
        return _watched_ended(channel_mention(notice["watched"]), notice["paid"])
    if "watch" in notice:
        return _watch_paused(notice["watch"])
    return ""


def _drop_ended(drop: Facts, paid: Facts) -> str:
    name, members = drop_name(drop), count(paid["claims"], "member")
    if is_id(drop["message_id"]) and is_id(drop["channel_id"]):
        name = f"{name} ([message]({message_link(drop)}))"
    result = f"It paid {amount(paid['amount'])} to {members}." if paid["claims"] else "It paid nobody."
    return f"{name}: {sentences(ENDINGS[end_cause(drop)], result)}"


def _watched_ended(channel: str, paid: Facts) -> str:
    total, reactions = amount(paid["amount"]), count(paid["claims"], "reaction")
    if paid["drops"] == 1:
        return f"A watched message in {channel} has ended: it paid {total} for {reactions}."
    return f"{count(paid['drops'], 'watched message')} in {channel} have ended: they paid {total} for {reactions}."


def _watch_paused(watch: Facts) -> str:
    return f"The watch of {channel_mention(watch['channel_id'])} is paused. {PAUSES[watch['reason']]}"


# Why a watch makes no drops, and what helps; it goes on by itself once that is done.
PAUSES = {
    "channel_gone": "The channel no longer exists. `/watch stop` takes it off this list.",
    "channel_closed": "I cannot see the channel any more. Give me **View Channel** there.",
    "no_history": "I cannot read the channel's messages any more. Give me **Read Message History** there.",
    "no_reactions": "I may not react there any more. Give me **Add Reactions** there.",
    "emoji_unknown": "Its emoji no longer exists. `/watch stop` it, and start it with another.",
}

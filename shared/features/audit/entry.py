"""An entry of the audit log in words: who changed what, from what to what, and why."""

from collections.abc import Callable, Mapping

from shared.features.audit.changes import changes_of, essentials_of
from shared.features.audit.values import VALUE_LIMIT, State, at, channel, is_number, plain, rsnc
from shared.format import code, count, cut, event_name, is_id, line, moment
from shared.interactions.outcomes import Facts

SUBJECT_LIMIT, REASON_LIMIT = 40, 28  # characters; a page holds eight entries of the longest parts


def audit_line(entry: Facts) -> str:
    """An entry: 2 hours ago, @Admin changed the event `quest`: reward 10 → 20, off → on (a reason)."""
    said = _ACTIONS.get(entry["action"], _unknown_action)(entry).format(**_values(entry))
    details = _DETAILS.get(entry["action"], _details_of_another)(entry)
    reason = next(filter(None, (at(entry[part], "reason") for part in ("details", "after"))), None)
    parts = [
        f"{said}: {details}" if details else said,
        f"({line(reason, REASON_LIMIT)})" if isinstance(reason, str) else "",
        "(test)" if entry["is_test"] else "",
        "" if entry["is_readable"] else "(too long to show)",
    ]
    return " ".join(filter(None, parts))


# --- Values


def _values(entry: Facts) -> dict[str, str]:
    """What stands in the sentences, by its name there. In the rows of other programs anything may stand."""
    state = _state(entry)
    return _paid(entry) | {
        "when": moment(entry["at"]) if entry["at"] else "Some time ago",
        "who": _who(entry),
        "action": code(cut(entry["action"], SUBJECT_LIMIT)),
        "brand": plain(at(state, "brand_id")),
        "event": _event(at(state, "event_type")),
        "drop": _drop(at(state, "title")),
        "channel": _channel(at(state, "channel_id")),
        "member": _member(entry["member_id"]),
        "amount": _amount(entry),
        "earned": _earned(entry["after"]),
    }


def _state(entry: Facts) -> State:
    """The state that names what an entry is about."""
    return entry["after"] if isinstance(entry["after"], Mapping) else entry["before"]


def _who(entry: Facts) -> str:
    """The admin; a change without a command has the database role, or the subject of the key, as its actor."""
    kind, actor = entry["actor_type"], entry["actor_id"] or ""
    if not actor:
        return "somebody"
    if kind != "system" and is_id(actor):
        return f"<@{actor}>"
    named = code(cut(actor, 36))
    if actor == "postgres" or actor.startswith("supabase_"):
        return f"SQL ({named})"
    if actor in ("service_role", "authenticated", "anon"):
        return f"a program ({named})"
    return f"the portal ({named})" if kind == "system" else named


def _member(member_id: str | None) -> str:
    if not member_id:
        return "a member"
    return f"<@{member_id}>" if is_id(member_id) else code(cut(member_id, 20))


def _event(name: State) -> str:
    return code(cut(name, SUBJECT_LIMIT)) if isinstance(name, str) else "without a name"


def _drop(title: State) -> str:
    return f"**{line(title, SUBJECT_LIMIT) or ' '}**" if isinstance(title, str) else "without a title"


def _channel(channel_id: State) -> str:
    return "a channel without an id" if channel_id is None else channel(channel_id)


def _earned(state: State) -> str:
    """The event of a row of the ledger, in plain text; empty where it has none."""
    name = at(state, "details", "event") or at(state, "event_type")
    return line(event_name(name), SUBJECT_LIMIT) if isinstance(name, str) else ""


def _amount(entry: Facts) -> str:
    """The amount of a row of the ledger; what is taken back stands there with a minus."""
    amount = at(entry["after"], "amount")
    return rsnc(-amount if entry["action"] == "reward.revoked" and is_number(amount) else amount)


def _paid(entry: Facts) -> dict[str, str]:
    """What a drop, or a watch, had paid when it ended; nothing where that is none, or not known."""
    claims, amount = (at(entry["details"], "paid", key) for key in ("claims", "amount"))
    if not (claims and is_number(claims) and is_number(amount)):
        return {}
    takers = {"claimers": count(claims, "member"), "reactions": count(claims, "reaction")}
    return {"paid": rsnc(amount)} | {name: cut(written, VALUE_LIMIT) for name, written in takers.items()}


# --- Sentences

_CONNECTION = {  # by what has changed of the settings
    "connected → disconnected": "{when}, {who} disconnected this server",
    "disconnected → connected": "{when}, {who} connected this server again",
}

_ACTIONS: dict[str, Callable[[Facts], str]] = {
    "server.created": lambda _: "{when}, {who} connected this server to the brand {brand}",
    "server.updated": lambda e: _CONNECTION.get(changes_of(e), "{when}, {who} changed the settings"),
    "server.deleted": lambda _: "{when}, {who} deleted this server's settings; its brand was {brand}",
    "event.created": lambda e: (
        "{when}, {who} created the brand-wide event {event}"
        if e["brand_wide"]
        else "{when}, {who} created the event {event}"
    ),
    "event.updated": lambda e: (
        "{when}, {who} changed the brand-wide event {event}"
        if e["brand_wide"]
        else "{when}, {who} changed the event {event}"
    ),
    "event.deleted": lambda e: (
        "{when}, {who} deleted the brand-wide event {event}"
        if e["brand_wide"]
        else "{when}, {who} deleted the event {event}"
    ),
    "drop.created": lambda _: "{when}, {who} created the drop {drop} in {channel}",
    "drop.edited": lambda _: "{when}, {who} changed the drop {drop}",
    "drop.ended": lambda e: (
        "{when}, {who} ended the drop {drop}, which had paid {paid} to {claimers}"
        if _paid(e)
        else "{when}, {who} ended the drop {drop}"
    ),
    "drop.cancelled": lambda e: (
        "{when}, {who} cancelled the drop {drop}, which had paid {paid} to {claimers}"
        if _paid(e)
        else "{when}, {who} cancelled the drop {drop}"
    ),
    "watch.started": lambda _: "{when}, {who} started the watch of {channel}",
    "watch.stopped": lambda e: (
        "{when}, {who} stopped the watch of {channel}, which had paid {paid} for {reactions}"
        if _paid(e)
        else "{when}, {who} stopped the watch of {channel}"
    ),
    "reward.given": lambda e: (
        "{when}, {who} gave {member} {amount} for {earned}"
        if _earned(e["after"])
        else "{when}, {who} gave {member} {amount}"
    ),
    "reward.revoked": lambda e: (
        "{when}, {who} took {amount} for {earned} back from {member}"
        if _earned(e["after"])
        else "{when}, {who} took {amount} back from {member}"
    ),
    "member.disabled": lambda e: (
        "{when}, {who} paused the rewards of {member}"
        if e["before"] is None
        else "{when}, {who} changed why the rewards of {member} are paused"
    ),
    "member.enabled": lambda _: "{when}, {who} let {member} earn again",
}


def _unknown_action(entry: Facts) -> str:
    """What another program did, as it calls it."""
    return "{when}, {who} did {action} about {member}" if entry["member_id"] else "{when}, {who} did {action}"


# What follows some of the sentences as a list.
_DETAILS: dict[str, Callable[[Facts], str]] = {
    "server.updated": lambda e: "" if (changes := changes_of(e)) in _CONNECTION else changes,
    "event.created": lambda e: essentials_of(e["after"]),
    "event.updated": changes_of,
    "event.deleted": lambda e: essentials_of(e["before"]),
    "drop.created": lambda e: essentials_of(e["after"]),
    "drop.edited": changes_of,
    "watch.started": lambda e: essentials_of(e["after"]),
}


def _details_of_another(entry: Facts) -> str:
    return "" if entry["action"] in _ACTIONS else changes_of(entry)

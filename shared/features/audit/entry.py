"""An entry of the audit log in words: who changed what, from what to what, and why."""

from collections.abc import Callable, Mapping

from shared.features.audit.changes import changes_of, essentials_of
from shared.features.audit.values import VALUE_LIMIT, State, at, channel, is_number, plain, rsnc
from shared.format import code, count, cut, event_name, is_id, line, moment
from shared.interactions.outcomes import Facts

SUBJECT_LIMIT, REASON_LIMIT = 40, 28  # characters; a page holds eight entries of the longest parts


def audit_line(entry: Facts) -> str:
    """An entry: 2 hours ago, @Admin changed the event `quest`: reward 10 → 20, off → on."""
    when = moment(entry["at"]) if entry["at"] else "Some time ago"
    said = _ACTIONS.get(entry["action"], _unknown_action)(entry)
    reason = next(filter(None, (at(entry[part], "reason") for part in ("details", "after"))), None)
    why = f" ({line(reason, REASON_LIMIT)})" if isinstance(reason, str) else ""
    notes = [" (test)" if entry["is_test"] else "", "" if entry["is_readable"] else " (too long to show)"]
    return f"{when}, {_who(entry)} {said}{why}{''.join(notes)}"


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


# --- Actions


def _after_colon(text: str) -> str:
    return f": {text}" if text else ""


def _state(entry: Facts) -> State:
    """The state that names what an entry is about."""
    return entry["after"] if isinstance(entry["after"], Mapping) else entry["before"]


def _member(entry: Facts) -> str:
    member = entry["member_id"]
    return f"<@{member}>" if is_id(member) else code(cut(member, 20)) if member else "a member"


def _event(entry: Facts) -> str:
    name = at(_state(entry), "event_type")
    called = code(cut(name, SUBJECT_LIMIT)) if isinstance(name, str) else "without a name"
    return f"the brand-wide event {called}" if entry["brand_wide"] else f"the event {called}"


def _drop(entry: Facts) -> str:
    title = at(_state(entry), "title")
    return f"the drop **{line(title, SUBJECT_LIMIT) or ' '}**" if isinstance(title, str) else "a drop"


def _earned(state: State) -> str:
    """The event of a row of the ledger, in plain text."""
    name = at(state, "details", "event") or at(state, "event_type")
    return f" for {line(event_name(name), SUBJECT_LIMIT)}" if isinstance(name, str) else ""


def _server_created(entry: Facts) -> str:
    return f"connected this server to the brand {plain(at(entry['after'], 'brand_id'))}"


def _server_updated(entry: Facts) -> str:
    changes = changes_of(entry)
    if changes == "connected → disconnected":
        return "disconnected this server"
    if changes == "disconnected → connected":
        return "connected this server again"
    return f"changed the settings{_after_colon(changes)}"


def _drop_created(entry: Facts) -> str:
    channel_id = at(entry["after"], "channel_id")
    where = f" in {channel(channel_id)}" if channel_id is not None else ""
    return f"created {_drop(entry)}{where}{_after_colon(essentials_of(entry['after']))}"


def _drop_paid(entry: Facts) -> str:
    """What a drop had paid when it ended."""
    claims, paid = (at(entry["details"], "paid", key) for key in ("claims", "amount"))
    if not (is_number(claims) and is_number(paid)):
        return ""
    return f", which had paid {rsnc(paid)} to {cut(count(claims, 'member'), VALUE_LIMIT)}" if claims else ""


def _watch(entry: Facts) -> str:
    channel_id = at(_state(entry), "channel_id")
    return f"the watch of {channel(channel_id)}" if channel_id is not None else "a watch"


def _reward_given(entry: Facts) -> str:
    after = entry["after"]
    return f"gave {_member(entry)} {rsnc(at(after, 'amount'))}{_earned(after)}"


def _reward_revoked(entry: Facts) -> str:
    taken = at(entry["after"], "amount")
    what = rsnc(-taken) if is_number(taken) else rsnc(taken)
    return f"took {what}{_earned(entry['after'])} back from {_member(entry)}"


def _member_disabled(entry: Facts) -> str:
    if entry["before"] is not None:
        return f"changed why the rewards of {_member(entry)} are paused"
    return f"paused the rewards of {_member(entry)}"


def _unknown_action(entry: Facts) -> str:
    """An action of another program, as it calls it."""
    about = f" about {_member(entry)}" if entry["member_id"] else ""
    return f"did {code(cut(entry['action'], SUBJECT_LIMIT))}{about}{_after_colon(changes_of(entry))}"


_ACTIONS: dict[str, Callable[[Facts], str]] = {
    "server.created": _server_created,
    "server.updated": _server_updated,
    "server.deleted": lambda e: f"deleted this server's settings; its brand was {plain(at(e['before'], 'brand_id'))}",
    "event.created": lambda e: f"created {_event(e)}{_after_colon(essentials_of(e['after']))}",
    "event.updated": lambda e: f"changed {_event(e)}{_after_colon(changes_of(e))}",
    "event.deleted": lambda e: f"deleted {_event(e)}{_after_colon(essentials_of(e['before']))}",
    "drop.created": _drop_created,
    "drop.edited": lambda e: f"changed {_drop(e)}{_after_colon(changes_of(e))}",
    "drop.ended": lambda e: f"ended {_drop(e)}{_drop_paid(e)}",
    "drop.cancelled": lambda e: f"cancelled {_drop(e)}{_drop_paid(e)}",
    "watch.started": lambda e: f"started {_watch(e)}{_after_colon(essentials_of(e['after']))}",
    "watch.stopped": lambda e: f"stopped {_watch(e)}{_drop_paid(e)}",
    "reward.given": _reward_given,
    "reward.revoked": _reward_revoked,
    "member.disabled": _member_disabled,
    "member.enabled": lambda e: f"let {_member(e)} earn again",
}

"""The audit log in words: who changed what, from what to what, and why.

Other programs may write rows with anything in them, so nothing is taken for granted here: what is not as our own
functions write it is shown as it is, or left out.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shared.format import Facts, amount, code, count, cut, event_name, fitting, is_id, line, moment, number
from shared.text.sentences import LEVELS

AUDIT_TITLE = "What was changed"
NEWER, OLDER = "Newer", "Older"
NOT_YOUR_AUDIT = "These buttons belong to somebody else. See the log with `/audit`."
TYPES = {"settings": "Settings", "events": "Events", "drops": "Drops", "rewards": "Rewards", "members": "Members"}

# Eight entries of the longest parts fit a page.
VALUE_LIMIT, STEPS_LIMIT, SUBJECT_LIMIT, REASON_LIMIT, CHANGES_LIMIT = 28, 60, 40, 28, 165

State = Any  # as JSON has it
Path = tuple[str, ...]
Change = tuple[Path, State, State]


def audit_page(facts: Facts) -> str:
    """A page of the log, an entry a line, below what it was asked for."""
    what = TYPES[facts["type"]].lower() if facts["type"] else ""
    about = f"what <@{facts['member_id']}> did, or what was about them" if facts["member_id"] else ""
    asked = f"Only {': '.join(filter(None, [what, about]))}.\n\n" if what or about else ""
    lines = "\n".join(map(audit_line, facts["entries"]))
    return asked + (lines or ("There is nothing of it in the log." if asked else "Nothing is in the log yet."))


def audit_line(entry: Facts) -> str:
    """An entry: 2 hours ago, @Admin changed the event `quest`: reward 10 → 20, off → on."""
    when = moment(entry["at"]) if entry["at"] else "Some time ago"
    said = _ACTIONS.get(entry["action"], _something)(entry)
    reason = next(filter(None, (_at(entry[part], "reason") for part in ("details", "after"))), None)
    why = f" ({line(reason, REASON_LIMIT)})" if isinstance(reason, str) else ""
    notes = [" (test)" if entry["is_test"] else "", "" if entry["is_readable"] else " (too long to show)"]
    return f"{when}, {_who(entry)} {said}{why}{''.join(notes)}"


def _who(entry: Facts) -> str:
    """An admin by the account; whoever came past the commands by the role, or by the subject of the key."""
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


# --- Values


def _at(state: State, *path: str) -> State:
    """What stands in a state; None where it is no such state."""
    for key in path:
        state = state.get(key) if isinstance(state, Mapping) else None
    return state


def _is_number(value: State) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _plain(value: State) -> str:
    """Any value, short."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    written = number(value) if _is_number(value) else value
    shown = written if isinstance(written, str) else json.dumps(written, ensure_ascii=False)
    return line(shown, VALUE_LIMIT) or "empty"


def _rsnc(value: State) -> str:
    return cut(amount(value), VALUE_LIMIT) if _is_number(value) else _plain(value)


def _limit(value: State) -> str:
    return "none" if _is_number(value) and value < 0 else _plain(value)


def _hours(value: State) -> str:
    return "none" if _is_number(value) and value <= 0 else _plain(value)


def _setting(value: State) -> str:
    """What a server has when it sets nothing is the default."""
    return "default" if value is None else _plain(value)


def _switch(value: State) -> str:
    """Off unless it was switched on."""
    return "on" if value is True else "off" if value in (None, False) else _plain(value)


def _enabled(value: State) -> str:
    """On unless it was switched off."""
    return "on" if value is None else _switch(value)


def _claimable(value: State) -> str:
    return "no" if value is None else _plain(value)


def _connected(value: State) -> str:
    return "disconnected" if value is False else "connected"


def _instant(value: State) -> str:
    return moment(value) if isinstance(value, str) else "never"


def _channel(value: State) -> str:
    return f"<#{value}>" if is_id(value) else _plain(value)


def _role(value: State) -> str:
    return f"<@&{value}>" if is_id(value) else _plain(value)


def _level(value: State) -> str:
    return LEVELS[value] if _is_number(value) and value in LEVELS else _plain(value)


def _channels(value: State) -> str:
    if not isinstance(value, list) or len(value) > 2:
        return count(len(value), "channel") if isinstance(value, list) else _plain(value)
    return ", ".join(map(_channel, value)) or "none"


def _steps(value: State) -> str:
    """Tiers or milestones of a streak: 3 days ×1.1, 7 days ×1.25."""
    if not isinstance(value, list):
        return _setting(value)
    return cut(", ".join(map(_step, value)), STEPS_LIMIT) or "none"


def _step(step: State) -> str:
    days, multiplier, reward = (_at(step, key) for key in ("days", "multiplier", "reward"))
    if not _is_number(days):
        return _plain(step)
    worth = f"×{number(multiplier)}" if _is_number(multiplier) else _plain(reward)
    return f"{count(days, 'day')} {worth}"


@dataclass(frozen=True)
class Field:
    """How a value of a state is called and written; a star in its path is a role, which goes into the name."""

    name: str
    write: Callable[[State], str] = _plain


_FIELDS: dict[Path, Field] = {
    ("server_id",): Field("server"),
    ("brand_id",): Field("brand"),
    ("server_name",): Field("name"),
    ("is_active",): Field("", _connected),
    ("event_type",): Field("name"),
    ("reward_amount",): Field("reward"),
    ("reward",): Field("reward"),
    ("is_enabled",): Field("", _enabled),
    ("label",): Field("label"),
    ("description",): Field("description"),
    ("cooldown_hours",): Field("cooldown hours", _hours),
    ("max_claims_per_user",): Field("claims a member", _limit),
    ("max_total_claims",): Field("claims in all", _limit),
    ("max_claims",): Field("claims in all", _limit),
    ("claimable",): Field("claimable", _claimable),
    ("expires_at",): Field("ends", _instant),
    ("config_metadata", "timezone"): Field("time zone", _setting),
    ("config_metadata", "streak", "grace_hours"): Field("streak grace", _setting),
    ("config_metadata", "streak", "tiers"): Field("streak tiers", _steps),
    ("config_metadata", "streak", "milestones"): Field("streak milestones", _steps),
    ("config_metadata", "admin_roles", "*"): Field("level of {}", _level),
    ("config_metadata", "role_bonuses", "*", "multiplier"): Field("multiplier of {}"),
    ("config_metadata", "role_bonuses", "*", "flat"): Field("bonus of {}"),
    ("config_metadata", "excluded_channels"): Field("channels without rewards", _channels),
    ("config_metadata", "admin_channel"): Field("admin channel", _channel),
    ("config_metadata", "test_mode", "enabled"): Field("test mode", _switch),
    ("config_metadata", "test_mode", "role"): Field("testers", _role),
}
_ORDER = list(_FIELDS)
# What names the thing itself, and what nobody reads.
_IDENTITY = {"id", "server_id", "brand_id", "event_type", "server_name", "is_active"}
_SILENT = {"id", "drop_id", "revision", "claims_count", "message_id", "end_reason"}


# --- Changes


def _differences(before: State, after: State, path: Path = ()) -> Iterator[Change]:
    """Where two states differ, as deep as both are objects or one is nothing."""
    states = [state for state in (before, after) if state is not None]
    if states and all(isinstance(state, Mapping) for state in states):
        for key in dict.fromkeys(key for state in states for key in state):
            yield from _differences(_at(before, key), _at(after, key), (*path, key))
    elif before != after or isinstance(before, bool) != isinstance(after, bool):
        yield path, before, after


def _known(path: Path) -> Path:
    """A path as the fields are listed."""
    is_of_a_role = len(path) > 2 and path[1] in ("admin_roles", "role_bonuses")
    return (*path[:2], "*", *path[3:]) if is_of_a_role else path


def _field(path: Path) -> Field:
    found = _FIELDS.get(_known(path))
    if found is None:
        return Field(code(cut(".".join(path), SUBJECT_LIMIT)) if path else "")
    return Field(found.name.format(_role(path[2])), found.write) if "*" in _known(path) else found


def _place(change: Change) -> int:
    """What is known comes first."""
    path = _known(change[0])
    return _ORDER.index(path) if path in _FIELDS else len(_ORDER)


def _changes(entry: Facts) -> str:
    """What an entry changed: reward 10 → 20, off → on."""
    found = [c for c in _differences(entry["before"], entry["after"]) if c[0][:1] not in {(key,) for key in _SILENT}]
    said = []
    for path, before, after in sorted(found, key=_place):
        field = _field(path)
        was, is_ = field.write(before), field.write(after)
        if was != is_:
            said.append(f"{field.name} {was} → {is_}".strip())
    return ", ".join(fitting(said, CHANGES_LIMIT))


def _essentials(state: State) -> str:
    """What something is like, where that is not as usual: reward 10, cooldown hours 1."""
    found = [c for c in _differences(None, state) if _known(c[0]) in _FIELDS and c[0][0] not in _IDENTITY]
    said = []
    for path, _, value in sorted(found, key=_place):
        field = _field(path)
        if field.write(value) != field.write(None):
            said.append(f"{field.name} {field.write(value)}".strip())
    return ", ".join(fitting(said, CHANGES_LIMIT))


def _after_colon(said: str) -> str:
    return f": {said}" if said else ""


# --- Actions


def _state(entry: Facts) -> State:
    """The state that names what an entry is about."""
    return entry["after"] if isinstance(entry["after"], Mapping) else entry["before"]


def _member(entry: Facts) -> str:
    member = entry["member_id"]
    return f"<@{member}>" if is_id(member) else code(cut(member, 20)) if member else "a member"


def _event(entry: Facts) -> str:
    name = _at(_state(entry), "event_type")
    called = code(cut(name, SUBJECT_LIMIT)) if isinstance(name, str) else "without a name"
    return f"the brand-wide event {called}" if entry["brand_wide"] else f"the event {called}"


def _drop(entry: Facts) -> str:
    title = _at(_state(entry), "title")
    return f"the drop **{line(title, SUBJECT_LIMIT) or ' '}**" if isinstance(title, str) else "a drop"


def _earned(state: State) -> str:
    """The event of a row of the ledger, in plain text."""
    name = _at(state, "details", "event") or _at(state, "event_type")
    return f" for {line(event_name(name), SUBJECT_LIMIT)}" if isinstance(name, str) else ""


def _server_created(entry: Facts) -> str:
    return f"connected this server to the brand {_plain(_at(entry['after'], 'brand_id'))}"


def _server_updated(entry: Facts) -> str:
    changes = _changes(entry)
    if changes == "connected → disconnected":
        return "disconnected this server"
    if changes == "disconnected → connected":
        return "connected this server again"
    return f"changed the settings{_after_colon(changes)}"


def _drop_created(entry: Facts) -> str:
    channel = _at(entry["after"], "channel_id")
    where = f" in {_channel(channel)}" if channel is not None else ""
    return f"created {_drop(entry)}{where}{_after_colon(_essentials(entry['after']))}"


def _drop_paid(entry: Facts) -> str:
    """What a drop had paid when it ended."""
    claims, paid = (_at(entry["details"], "paid", key) for key in ("claims", "amount"))
    if not (_is_number(claims) and _is_number(paid)):
        return ""
    return f", which had paid {_rsnc(paid)} to {cut(count(claims, 'member'), VALUE_LIMIT)}" if claims else ""


def _reward_given(entry: Facts) -> str:
    after = entry["after"]
    return f"gave {_member(entry)} {_rsnc(_at(after, 'amount'))}{_earned(after)}"


def _reward_revoked(entry: Facts) -> str:
    taken = _at(entry["after"], "amount")
    what = _rsnc(-taken) if _is_number(taken) else _rsnc(taken)
    return f"took {what}{_earned(entry['after'])} back from {_member(entry)}"


def _member_disabled(entry: Facts) -> str:
    if entry["before"] is not None:
        return f"changed why the rewards of {_member(entry)} are paused"
    return f"paused the rewards of {_member(entry)}"


def _something(entry: Facts) -> str:
    """An action of another program, as it calls it."""
    about = f" about {_member(entry)}" if entry["member_id"] else ""
    return f"did {code(cut(entry['action'], SUBJECT_LIMIT))}{about}{_after_colon(_changes(entry))}"


_ACTIONS: dict[str, Callable[[Facts], str]] = {
    "server.created": _server_created,
    "server.updated": _server_updated,
    "server.deleted": lambda e: f"deleted this server's settings; its brand was {_plain(_at(e['before'], 'brand_id'))}",
    "event.created": lambda e: f"created {_event(e)}{_after_colon(_essentials(e['after']))}",
    "event.updated": lambda e: f"changed {_event(e)}{_after_colon(_changes(e))}",
    "event.deleted": lambda e: f"deleted {_event(e)}{_after_colon(_essentials(e['before']))}",
    "drop.created": _drop_created,
    "drop.edited": lambda e: f"changed {_drop(e)}{_after_colon(_changes(e))}",
    "drop.ended": lambda e: f"ended {_drop(e)}{_drop_paid(e)}",
    "drop.cancelled": lambda e: f"cancelled {_drop(e)}{_drop_paid(e)}",
    "reward.given": _reward_given,
    "reward.revoked": _reward_revoked,
    "member.disabled": _member_disabled,
    "member.enabled": lambda e: f"let {_member(e)} earn again",
}

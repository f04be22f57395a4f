"""What differs between two audited states, in words."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from shared.features.audit import values
from shared.features.audit.values import State
from shared.format import code, cut, truncate_lines
from shared.interactions.outcomes import Facts

NAME_LIMIT, CHANGES_LIMIT = 40, 165  # characters

Path = tuple[str, ...]
Change = tuple[Path, State, State]


@dataclass(frozen=True)
class Field:
    """How to name and write a value; `{}` in the name is replaced by the role that matches * in the path."""

    name: str
    write: Callable[[State], str] = values.plain


_FIELDS: dict[Path, Field] = {
    ("server_id",): Field("server"),
    ("brand_id",): Field("brand"),
    ("server_name",): Field("name"),
    ("is_active",): Field("", values.connected),
    ("event_type",): Field("name"),
    ("reward_amount",): Field("reward"),
    ("reward",): Field("reward"),
    ("is_enabled",): Field("", values.enabled),
    ("title",): Field("title"),
    ("label",): Field("label"),
    ("description",): Field("description"),
    ("cooldown_hours",): Field("cooldown", values.hours),
    ("max_claims_per_user",): Field("claims per member", values.limit),
    ("max_total_claims",): Field("claims in all", values.limit),
    ("max_claims",): Field("claims in all", values.limit),
    ("claimable",): Field("claimable", values.claimable),
    ("expires_at",): Field("ends", values.instant),
    ("emoji",): Field("emoji", values.emoji),
    ("look", "colour"): Field("colour", values.colour),
    ("authors",): Field("authors"),
    ("author_role_id",): Field("authors' role", values.role),
    ("config_metadata", "timezone"): Field("time zone", values.setting),
    ("config_metadata", "streak", "grace_hours"): Field("streak grace", values.setting),
    ("config_metadata", "streak", "tiers"): Field("streak tiers", values.steps),
    ("config_metadata", "streak", "milestones"): Field("streak milestones", values.steps),
    ("config_metadata", "admin_roles", "*"): Field("level of {}", values.level),
    ("config_metadata", "role_bonuses", "*", "multiplier"): Field("multiplier of {}"),
    ("config_metadata", "role_bonuses", "*", "flat"): Field("bonus of {}", values.rsnc),
    ("config_metadata", "excluded_channels"): Field("channels without rewards", values.channels),
    ("config_metadata", "admin_channel"): Field("admin channel", values.channel),
    ("config_metadata", "test_mode", "enabled"): Field("test mode", values.switch),
    ("config_metadata", "test_mode", "role"): Field("testers", values.role),
}
_ORDER = list(_FIELDS)
# Fields that name the thing itself, and fields that are not shown.
_IDENTITY = {"id", "server_id", "brand_id", "event_type", "server_name", "is_active", "title"}
_HIDDEN = {"id", "drop_id", "revision", "claims_count", "message_id", "end_reason", "end_cause", "is_own_message"}
_HIDDEN_IN_LOOK = {("look", "is_titled"), ("look", "is_lost")}


# --- Changes


def _differences(before: State, after: State, path: Path = ()) -> Iterator[Change]:
    """Where two states differ; descends into objects, also where the other state has nothing."""
    states = [state for state in (before, after) if state is not None]
    if states and all(isinstance(state, Mapping) for state in states):
        for key in dict.fromkeys(key for state in states for key in state):
            yield from _differences(values.at(before, key), values.at(after, key), (*path, key))
    elif before != after or isinstance(before, bool) != isinstance(after, bool):
        yield path, before, after


def _pattern(path: Path) -> Path:
    """A path as _FIELDS lists it."""
    is_of_a_role = len(path) > 2 and path[1] in ("admin_roles", "role_bonuses")
    return (*path[:2], "*", *path[3:]) if is_of_a_role else path


def _field(path: Path) -> Field:
    found = _FIELDS.get(_pattern(path))
    if found is None:
        return Field(code(cut(".".join(path), NAME_LIMIT)) if path else "")
    return Field(found.name.format(values.role(path[2])), found.write) if "*" in _pattern(path) else found


def _place(change: Change) -> int:
    """Known fields in the order of _FIELDS, then the others."""
    path = _pattern(change[0])
    return _ORDER.index(path) if path in _FIELDS else len(_ORDER)


def changes_of(entry: Facts) -> str:
    """What an entry changed: reward 10 → 20, off → on."""
    hidden = {(key,) for key in _HIDDEN}
    differences = _differences(entry["before"], entry["after"])
    found = [c for c in differences if c[0][:1] not in hidden and c[0] not in _HIDDEN_IN_LOOK]
    parts = []
    for path, before, after in sorted(found, key=_place):
        field = _field(path)
        old, new = field.write(before), field.write(after)
        if old != new:
            parts.append(f"{field.name} {old} → {new}".strip())
    return ", ".join(truncate_lines(parts, CHANGES_LIMIT))


def essentials_of(state: State) -> str:
    """The values of a state that differ from the defaults: reward 10, cooldown 1 hour."""
    found = [c for c in _differences(None, state) if _pattern(c[0]) in _FIELDS and c[0][0] not in _IDENTITY]
    parts = []
    for path, _, value in sorted(found, key=_place):
        field = _field(path)
        if field.write(value) != field.write(None):
            parts.append(f"{field.name} {field.write(value)}".strip())
    return ", ".join(truncate_lines(parts, CHANGES_LIMIT))

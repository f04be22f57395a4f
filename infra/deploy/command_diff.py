"""What registering commands would change: those that Discord has against those that the code declares."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from shared.interactions.registry import MESSAGE_MENU, SLASH

Command = dict[str, Any]
Key = tuple[int, str]  # Discord identifies a command by its type and name

CREATES_A_DAY = 200

# The fields of a command, an option or a choice that can be declared. Discord adds others to its answers, such as ids.
_DECLARABLE = {"type", "name", "name_localizations", "description", "description_localizations", "options", "choices"}
_DECLARABLE |= {"default_member_permissions", "contexts", "integration_types", "nsfw", "required", "autocomplete"}
_DECLARABLE |= {"channel_types", "min_value", "max_value", "min_length", "max_length", "value"}


@dataclass
class Diff:
    """What registering would change, by the names that people read."""

    added: list[str] = field(default_factory=list)
    changed: dict[str, list[str]] = field(default_factory=dict)  # with the fields that differ
    removed: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)

    def __str__(self) -> str:
        lines = [f"+ {name}" for name in self.added]
        lines += [f"~ {name}: {', '.join(fields)}" for name, fields in self.changed.items()]
        lines += [f"- {name}" for name in self.removed]
        return "\n".join([*lines, *self._warnings()])

    def _warnings(self) -> Iterator[str]:
        if self.added:
            yield f"New: {len(self.added)} of the {CREATES_A_DAY} commands that Discord lets you create a day."
        if self.removed:
            yield (
                "Removed commands lose the permissions that servers have set for them, for good. A command with"
                " another name is a removed one and a new one."
            )


def diff(registered: list[Command], declared: list[Command]) -> Diff:
    """Compare what Discord has with what registering `declared` would replace it with."""
    before, after = _by_key(registered), _by_key(declared)
    differing = {key: sorted(set(_differences(before[key], after[key]))) for key in after if key in before}
    return Diff(
        added=[_displayed(key) for key in after if key not in before],
        changed={_displayed(key): fields for key, fields in differing.items() if fields},
        removed=[_displayed(key) for key in before if key not in after],
    )


def _by_key(commands: list[Command]) -> dict[Key, Command]:
    return {(command.get("type", SLASH), command["name"]): _normalised(command) for command in commands}


def _displayed(key: Key) -> str:
    kind, name = key
    if kind == SLASH:
        return f"/{name}"
    return f"Apps > {name}" if kind == MESSAGE_MENU else f"{name} (command of type {kind})"


def _normalised(value: Any) -> Any:
    """Keep what can be declared, and drop what is false, empty or null, which Discord may leave out."""
    if isinstance(value, dict):
        fields = {name: _normalised(part) for name, part in value.items() if name in _DECLARABLE}
        return {name: part for name, part in fields.items() if part not in (None, "") and part is not False}
    if isinstance(value, list) and all(isinstance(part, int) for part in value):
        return sorted(value) or None
    return [_normalised(part) for part in value] or None if isinstance(value, list) else value


def _differences(before: Any, after: Any, path: str = "") -> Iterator[str]:
    """The paths of the fields that differ, with options and choices by their names: `options.event.description`."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in before.keys() | after.keys():
            yield from _differences(before.get(name), after.get(name), f"{path}.{name}".lstrip("."))
    elif before != after:
        same_names = _names(before) == _names(after) != []
        pairs = zip(before, after, strict=True) if same_names else ()
        inside = [found for old, new in pairs for found in _differences(old, new, f"{path}.{new['name']}")]
        yield from inside or [path]


def _names(value: Any) -> list[str]:
    """The names in a list of options or choices, in order: members see them in it."""
    return [part["name"] for part in value if isinstance(part, dict)] if isinstance(value, list) else []

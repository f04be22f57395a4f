"""The data of interactions: commands and modals as members fill them in, clicks, and menu entries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from infra.fake_discord.contract import Json
from infra.fake_discord.members import Member
from infra.fake_discord.resources.components import walk
from infra.fake_discord.resources.servers import Channel, channel, role

# The types of selects, each with the type of the option that takes the same; 0 for a select with options of its own.
SELECTS = {3: 0, 5: 6, 6: 8, 7: 9, 8: 7}


class NotOfferedError(Exception):
    """Discord offers no such command, option, button or field to the member."""


def click_data(message: Json, label: str) -> Json:
    """The data of a click on a button of a message, named by its label or its custom_id."""
    button = _button(message, label)
    return {"component_type": button["type"], "custom_id": button["custom_id"], "id": button["id"]}


def select_data(
    message: Json, name: str, values: Sequence[Any], guild_id: str, user: Member, app_permissions: int | None
) -> Json:
    """The data of a choice in a select of a message, named by its placeholder or its custom_id.

    Of a string select the values are those of its options, of the others members, channels and ids.
    """
    select = _select(message, name)
    _check_chosen(select, values)
    resolved = _resolved(_pointed_to(select, values), guild_id, user, app_permissions)
    return {
        "component_type": select["type"],
        "custom_id": select["custom_id"],
        "id": select["id"],
        "values": [_id(value) for value in values],
        **({"resolved": resolved} if resolved else {}),
    }


def menu_data(commands: list[Json], name: str, message: Json) -> Json:
    """The data of an entry of a message's context menu."""
    invoked = _invoked(_named(commands, name, 3))
    return {**invoked, "target_id": message["id"], "resolved": {"messages": {message["id"]: message}}}


def _button(message: Json, label: str) -> Json:
    buttons = [component for _, component in walk(message["components"]) if component["type"] == 2]
    for button in buttons:
        if label in (button.get("label"), button.get("custom_id")):
            if button.get("disabled"):
                raise NotOfferedError(f"the button {label!r} is disabled")
            return button
    labels = ", ".join(repr(button.get("label")) for button in buttons)
    raise NotOfferedError(f"there is no button {label!r}, only: {labels or 'none'}")


def _select(message: Json, name: str) -> Json:
    selects = [component for _, component in walk(message["components"]) if component["type"] in SELECTS]
    for select in selects:
        if name in (select.get("placeholder"), select["custom_id"]):
            if select.get("disabled"):
                raise NotOfferedError(f"the select {name!r} is disabled")
            return select
    names = ", ".join(repr(select.get("placeholder") or select["custom_id"]) for select in selects)
    raise NotOfferedError(f"there is no select {name!r}, only: {names or 'none'}")


def _check_chosen(select: Json, values: Sequence[Any]) -> None:
    """Raise NotOfferedError when a member could not choose these values."""
    least, most = select.get("min_values", 1), select.get("max_values", 1)
    if not least <= len(values) <= most:
        raise NotOfferedError(f"{select['custom_id']} takes {least} to {most} values")
    offered = [option["value"] for option in select.get("options", [])]
    if unknown := [str(value) for value in values if offered and value not in offered]:
        raise NotOfferedError(f"{select['custom_id']} does not offer {', '.join(unknown)}")


def _pointed_to(select: Json, values: Sequence[Any]) -> list[tuple[int, Any]]:
    """What the values of a select point to, as `_resolved` takes it."""
    kind = SELECTS.get(select["type"], 0)
    return [(kind, value) for value in values] if kind else []


@dataclass(frozen=True)
class Command:
    """A slash command and the subcommands on its path."""

    command: Json
    path: tuple[Json, ...]
    rest: str

    @staticmethod
    def find(commands: list[Json], path: str) -> "Command":
        """Find a command by its path; `rest` is the part of the path that names no subcommand."""
        name, *words = path.split() or [""]
        command = place = _named(commands, name, 1)
        inner: list[Json] = []
        while words and (found := [part for part in _options(place) if part["name"] == words[0] and part["type"] < 3]):
            place = found[0]
            inner.append(place)
            words.pop(0)
        if any(part["type"] < 3 for part in _options(place)):
            raise NotOfferedError(f"/{path} needs a subcommand")
        return Command(command, tuple(inner), " ".join(words))

    @property
    def options(self) -> dict[str, Json]:
        """The options that the command takes, by name."""
        return {option["name"]: option for option in _options(self.path[-1] if self.path else self.command)}

    def option(self, name: str) -> str:
        """The registered name of an option that may be spelled with `_` for `-`."""
        for known in (name, name.replace("_", "-")):
            if known in self.options:
                return known
        raise NotOfferedError(f"/{self.command['name']} has no option {name!r}, only: {', '.join(self.options)}")

    def typed(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """The values as autocomplete gets them: anything may be missing."""
        return {self.option(name): value for name, value in options.items() if value is not None}

    def values(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """The values as a command gets them; NotOfferedError when one is missing or no choice."""
        values = self.typed(options)
        missing = [name for name, option in self.options.items() if option.get("required") and name not in values]
        if missing:
            raise NotOfferedError(f"/{self.command['name']} needs {', '.join(missing)}")
        return {name: _chosen(self.options[name], value) for name, value in values.items()}

    def data(
        self,
        values: Mapping[str, Any],
        guild_id: str,
        user: Member,
        app_permissions: int | None,
        focused: str | None = None,
    ) -> Json:
        """The data of an interaction of the user; `focused` is the option that is being typed."""
        options = [self._sent(name, value, focused) for name, value in values.items()]
        for part in reversed(self.path):
            options = [{"name": part["name"], "type": part["type"], "options": options}]
        given = [(self.options[name]["type"], value) for name, value in values.items()]
        resolved = _resolved(given, guild_id, user, app_permissions)
        return {
            **_invoked(self.command),
            **({"options": options} if options else {}),
            **({"resolved": resolved} if resolved else {}),
        }

    def _sent(self, name: str, value: Any, focused: str | None) -> Json:
        sent = {"name": name, "type": self.options[name]["type"], "value": _id(value)}
        return {**sent, "focused": True} if name == focused else sent


def _options(part: Json) -> list[Json]:
    return part.get("options") or []


def _named(commands: list[Json], name: str, kind: int) -> Json:
    for command in commands:
        if command["name"] == name and (command.get("type") or 1) == kind:
            return command
    raise NotOfferedError(f"there is no command {name!r}")


def _invoked(command: Json) -> Json:
    data = {"id": command.get("id", "0"), "name": command["name"], "type": command.get("type") or 1}
    return {**data, **({"guild_id": command["guild_id"]} if "guild_id" in command else {})}


def _chosen(option: Json, value: Any) -> Any:
    """The value of a choice that is given by its value or by its name."""
    choices = option.get("choices") or []
    for choice in choices:
        if value in (choice["value"], choice["name"]):
            return choice["value"]
    if choices:
        raise NotOfferedError(f"{option['name']} offers only: {', '.join(choice['name'] for choice in choices)}")
    return value


def _id(value: Any) -> Any:
    if isinstance(value, dict):  # a role or an attachment as Discord describes it
        return value["id"]
    return value.id if isinstance(value, Member | Channel) else value


def _resolved(values: list[tuple[int, Any]], guild_id: str, user: Member, app_permissions: int | None) -> Json:
    """The users, members, channels and roles that options point to; the user has the same permissions everywhere."""
    resolved: Json = {}
    for kind, value in values:
        if kind == 6 or (kind == 9 and isinstance(value, Member)):
            member = value if isinstance(value, Member) else Member(f"User{value}", value)
            resolved.setdefault("users", {})[member.id] = member.user()
            resolved.setdefault("members", {})[member.id] = member.resolved()
        elif kind == 7:
            place = value if isinstance(value, Channel) else Channel(value)
            named = channel(place, guild_id, user.permissions)
            resolved.setdefault("channels", {})[place.id] = {**named, **_granted(app_permissions)}
        elif kind in (8, 9):
            described = value if isinstance(value, dict) else role(value)
            resolved.setdefault("roles", {})[described["id"]] = described
        elif kind == 11:
            resolved.setdefault("attachments", {})[value["id"]] = value
    return resolved


def _granted(app_permissions: int | None) -> Json:
    return {} if app_permissions is None else {"app_permissions": str(app_permissions)}


class Form:
    """The values that a member writes into a modal, or chooses in it."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._fields = {name.replace("_", "-"): value for name, value in fields.items()}
        self.unused = set(self._fields)
        self.pointed_to: list[tuple[int, Any]] = []  # what the values of selects point to

    def fill(self, components: list[Json]) -> list[Json]:
        """The components as Discord sends them back."""
        return [self._answered(component) for component in components]

    def resolved(self, guild_id: str, user: Member, app_permissions: int | None) -> Json:
        """What the chosen values point to, once the form is filled in."""
        return _resolved(self.pointed_to, guild_id, user, app_permissions)

    def _answered(self, component: Json) -> Json:
        answer = {"type": component["type"], "id": component["id"]}
        if component["type"] == 10:
            return answer
        if component["type"] == 1:
            return {**answer, "components": self.fill(component["components"])}
        if component["type"] == 18:
            return {**answer, "component": self._answered(component["component"])}
        answer["custom_id"] = component["custom_id"]
        if component["type"] == 4:
            return {**answer, "value": self._given(component, component.get("value", ""))}
        return {**answer, "values": self._chosen(component)}

    def _chosen(self, select: Json) -> list[Any]:
        preset = [option["value"] for option in select.get("options", []) if option.get("default")]
        preset += [default["id"] for default in select.get("default_values", [])]
        given = self._given(select, preset)
        values = given if isinstance(given, list) else [given]
        if values:
            _check_chosen(select, values)
        self.pointed_to += _pointed_to(select, values)
        return [_id(value) for value in values]

    def _given(self, component: Json, preset: Any) -> Any:
        name = component["custom_id"].replace("_", "-")
        self.unused.discard(name)
        value = self._fields.get(name, preset)
        if not value and component.get("required", True):
            raise NotOfferedError(f"the modal needs {component['custom_id']}")
        return value

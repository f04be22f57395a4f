"""Buttons, selects and text inputs, and the rows and labels that hold them."""

from collections.abc import Iterator

from infra.fake_discord.contract import Json, Where
from infra.fake_discord.resources.nulls import without_nulls

# What Discord fills in where a component leaves it out, by type.
_SELECT = {"min_values": 1, "max_values": 1}
_PICTURE = {"description": None, "spoiler": False}
_DEFAULTS: dict[int, Json] = {
    **dict.fromkeys((3, 5, 6, 7, 8), _SELECT),
    11: _PICTURE,
    13: {"name": None, "size": None, "spoiler": False},
    14: {"spacing": 1, "divider": True},
    17: {"accent_color": None, "spoiler": False},
}


def numbered(components: list[Json], ids: Iterator[int]) -> list[Json]:
    """The components with the ids that Discord gives them, in reading order."""
    result = []
    for component in components:
        plain = _described(component)
        plain.setdefault("id", next(ids))
        if "components" in plain:
            plain["components"] = numbered(plain["components"], ids)
        for part in ("component", "accessory"):
            if part in plain:
                plain[part] = numbered([plain[part]], ids)[0]
        result.append(plain)
    return result


def _described(component: Json) -> Json:
    """A component of a message with what Discord fills in."""
    plain = {**_DEFAULTS.get(component["type"], {}), **without_nulls(component)}
    for part in ("media", "file"):
        if part in plain:
            plain[part] = _medium(plain[part])
    if "items" in plain:  # of a gallery
        plain["items"] = [{**_PICTURE, **item, "media": _medium(item["media"])} for item in plain["items"]]
    return plain


def _medium(medium: Json) -> Json:
    return {"id": "0", "proxy_url": medium["url"], **medium}


def walk(components: list[Json], where: Where = ("components",)) -> Iterator[tuple[Where, Json]]:
    """Every component of a message or modal with its place, nested ones included."""
    for index, component in enumerate(components):
        here = (*where, index)
        yield here, component
        yield from walk(component.get("components") or [], (*here, "components"))
        for part in ("component", "accessory"):
            if part in component:
                yield (*here, part), component[part]

"""Buttons, selects and text inputs, and the rows and labels that hold them."""

from collections.abc import Iterator

from infra.fake_discord.contract import Json, Where
from infra.fake_discord.resources.nulls import without_nulls


def numbered(components: list[Json], ids: Iterator[int]) -> list[Json]:
    """The components with the ids that Discord gives them, in reading order."""
    result = []
    for component in components:
        plain = without_nulls(component)
        plain.setdefault("id", next(ids))
        if "components" in plain:
            plain["components"] = numbered(plain["components"], ids)
        for part in ("component", "accessory"):
            if part in plain:
                plain[part] = numbered([plain[part]], ids)[0]
        result.append(plain)
    return result


def walk(components: list[Json], where: Where = ("components",)) -> Iterator[tuple[Where, Json]]:
    """Every component of a message or modal with its place, nested ones included."""
    for index, component in enumerate(components):
        here = (*where, index)
        yield here, component
        yield from walk(component.get("components") or [], (*here, "components"))
        for part in ("component", "accessory"):
            if part in component:
                yield (*here, part), component[part]

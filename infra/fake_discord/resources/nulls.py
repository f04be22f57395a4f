"""What Discord leaves out of its answers."""

from typing import Any


def without_nulls(value: Any, optional: tuple[str, ...] = ()) -> Any:
    """The value without nulls, and without what is false or empty under the `optional` names."""
    if isinstance(value, dict):
        kept = {name: item for name, item in value.items() if item is not None and (item or name not in optional)}
        return {name: without_nulls(item, optional) for name, item in kept.items()}
    return [without_nulls(item, optional) for item in value] if isinstance(value, list) else value

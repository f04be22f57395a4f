"""Breaches of Discord's contract."""

from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
Key = str | int
Where = tuple[Key, ...]


@dataclass(frozen=True)
class Problem:
    """One thing that Discord would refuse: where in the JSON, and why."""

    where: Where
    message: str
    code: str = "BASE_TYPE_INVALID"

    def __str__(self) -> str:
        place = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in self.where)
        return f"{place.lstrip('.') or '(body)'}: {self.message}"


class ContractError(Exception):
    """A payload breaks Discord's contract; `problems` lists how."""

    def __init__(self, subject: str, problems: list[Problem]) -> None:
        super().__init__("\n  ".join([f"{subject} breaks Discord's contract:", *map(str, problems)]))
        self.problems = problems

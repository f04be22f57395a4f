"""The results of the benchmarks: rows of the table in docs/performance.md."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Row:
    """One measured figure with a value for each round; the median counts."""

    what: str
    values: list[float]
    unit: str = ""
    at_least: float | None = None
    at_most: float | None = None

    @property
    def is_met(self) -> bool | None:
        """Does the median, rounded as it is shown, reach the goal? None if there is no goal."""
        value = round(median(self.values), 2)
        if self.at_least is not None:
            return value >= self.at_least
        return None if self.at_most is None else value <= self.at_most

    def __str__(self) -> str:
        return f"| {self.what} | {self._measured()} | {self._goal()} | {_MET[self.is_met]} |"

    def _measured(self) -> str:
        values = [_number(value) for value in (median(self.values), min(self.values), max(self.values))]
        measured = values[0] if len(self.values) == 1 else "{} ({} to {})".format(*values)
        return f"{measured} {self.unit}".rstrip()

    def _goal(self) -> str:
        if self.at_least is not None:
            return f"at least {self.at_least:,g}"
        return "" if self.at_most is None else f"at most {self.at_most:,g}"


_MET = {True: "yes", False: "**no**", None: ""}


def table(rows: Iterable[Row]) -> Iterator[str]:
    """The lines of a Markdown table, each as soon as it is measured."""
    yield from ("| Measured | Result | Goal | Met |", "|---|---|---|---|")
    yield from map(str, rows)


def ratios(ours: Iterable[float], theirs: Iterable[float]) -> list[float]:
    """The ratios, round by round: what slows the machine down for a while slows both sides of a ratio."""
    return [a / b for a, b in zip(ours, theirs, strict=True)]


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"

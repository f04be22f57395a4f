"""The comparison of the books as people read it."""

from collections.abc import Iterator

from infra.reconcile.differences import Comparison, Difference


def table(compared: list[Comparison]) -> str:
    """A line for each kind: how many rows were compared, how many differ."""
    heading = f"   {'':<10}{'rows':>14}{'differ':>12}"
    return "\n".join([heading, *map(_line_of_kind, compared)])


def _line_of_kind(compared: Comparison) -> str:
    kind = compared.kind
    mark = "✅" if not compared.total else "❌" if kind.is_proof else "⚠️ "
    return f"{mark} {kind.name:<10}{compared.rows:>14,}{compared.total:>12,}   {kind.description}"


def details(compared: list[Comparison]) -> Iterator[str]:
    """A line for each difference that is listed, server by server."""
    for one in compared:
        for server_id, count in one.differing.items():
            shown = [difference for difference in one.shown if difference.server_id == server_id]
            yield f"{one.kind.name} on server {server_id}:"
            yield from (f"  {_line_of_difference(difference)}" for difference in shown)
            if count > len(shown):
                yield f"  and {count - len(shown):,} more"


def _line_of_difference(difference: Difference) -> str:
    row = f"{difference.subject}, {difference.part}" if difference.part else difference.subject
    return f"{row}: found {difference.found}, expected {difference.expected}"


def agrees(compared: list[Comparison]) -> bool:
    """Is there no difference that means that the books are wrong?"""
    return not any(one.total for one in compared if one.kind.is_proof)

"""How a release is spoken to, so that a test can speak to the present one as the previous did: both may serve at once.

`python -m tests.snapshots release`, run when a release goes out, writes it down.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import tuple_row

DEFAULT = " default"  # behind the type of an argument that may be left out

CALLS = """
    select proname, name, format_type(type, null) || case when place > pronargs - pronargdefaults then %s else '' end
    from pg_proc,
        unnest(proargnames[1:pronargs], proargtypes::oid[]) with ordinality as arguments (name, type, place)
    where pronamespace = 'public'::regnamespace order by proname, place
"""
CALLER = """
    select attname, format_type(atttypid, atttypmod) from pg_attribute
    where attrelid = (select typrelid from pg_type where oid = 'internal.caller'::regtype) and not attisdropped
    order by attnum
"""


@dataclass(frozen=True)
class Release:
    """SQL functions by their arguments; components of messages by what stands in their custom_ids."""

    calls: dict[str, dict[str, str]]  # function: argument: type
    caller: dict[str, str]  # field of internal.caller: type
    buttons: dict[str, list[str]]
    forms: dict[str, list[str]]

    def __str__(self) -> str:
        return json.dumps(vars(self), indent=2) + "\n"


def current(connection: psycopg.Connection[Any]) -> Release:
    """What this checkout declares, and what is deployed behind the connection."""
    from shared import features  # noqa: PLC0415
    from shared.interactions.registry import REGISTRY  # noqa: PLC0415

    features.declare_all()
    calls: dict[str, dict[str, str]] = {}
    with connection.cursor(row_factory=tuple_row) as cursor:
        for function, argument, kind in cursor.execute(CALLS, [DEFAULT]):
            calls.setdefault(function, {})[argument] = kind
        caller: dict[str, str] = dict(cursor.execute(CALLER).fetchall())
    return Release(
        calls=calls,
        caller=caller,
        buttons={name: list(used.parameters) for name, used in (REGISTRY.buttons | REGISTRY.selects).items()},
        forms={name: list(form.carries) for name, form in REGISTRY.forms.items()},
    )


def broken(previous: Release, now: Release) -> list[str]:
    """What the previous release asks for and the present one does not answer."""
    return [
        *(f"the field {name} of internal.caller" for name, _ in previous.caller.items() - now.caller.items()),
        *(problem for function in previous.calls for problem in _broken_call(function, previous, now)),
        *(f"custom_ids of {name}" for name in _broken_components(previous.buttons, now.buttons)),
        *(f"custom_ids of {name}" for name in _broken_components(previous.forms, now.forms)),
    ]


def _broken_call(function: str, previous: Release, now: Release) -> Iterator[str]:
    before, after = previous.calls[function], now.calls.get(function)
    if after is None:
        yield f"{function} is gone"
        return
    for name, kind in before.items():
        if after.get(name, "").removesuffix(DEFAULT) != kind.removesuffix(DEFAULT):
            yield f"{function}: {name} is gone or of another type"
    for name, kind in after.items():
        if not kind.endswith(DEFAULT) and before.get(name, DEFAULT).endswith(DEFAULT):
            yield f"{function}: {name} must now be given"


def _broken_components(before: dict[str, list[str]], after: dict[str, list[str]]) -> list[str]:
    return [name for name, parts in before.items() if name not in after or len(after[name]) != len(parts)]

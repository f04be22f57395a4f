"""A feature is imported at its first use: what an interaction names must be enough to find it and all its sentences."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from shared import features
from shared.interactions.outcomes import SENTENCES
from shared.interactions.registry import REGISTRY
from tests import ROOT
from tests.shared.features.test_every_outcome import NOT_TOLD, SQL, outcomes
from tests.test_imports import ENVIRONMENT, imported_modules, modules

MODULES = modules("shared")


def declared() -> Iterator[tuple[str, str]]:
    """The module of each declaration, and the name by which an interaction finds it."""
    for path, command in REGISTRY.commands.items():
        yield command.function.__module__, f"/{path.split()[0]}"
    for others in (REGISTRY.buttons, REGISTRY.selects, REGISTRY.forms, REGISTRY.menus):
        for name, handler in others.items():
            yield handler.function.__module__, name


def test_every_declaration_is_found_by_its_name() -> None:
    listed = {(f"shared.features.{module}", name) for module, names in features.FEATURES.items() for name in names}
    assert listed == set(declared())


def test_what_an_interaction_does_not_name_stays_away() -> None:
    code = """
import json, sys
from shared import features
from shared.interactions.registry import REGISTRY
features.declare("claim")
one = [*REGISTRY.commands, *REGISTRY.menus, *REGISTRY.buttons, *REGISTRY.forms]
features.declare("/config")
features.declare("no such name")
features.declare_all()
print(json.dumps([one, [*REGISTRY.commands, *REGISTRY.menus]]))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=True
    )
    one, everything = json.loads(done.stdout)
    assert one == ["claim"]
    assert everything == [*REGISTRY.commands, *REGISTRY.menus]  # in their order, whatever was used first


def needed_by(module: str) -> set[str]:
    """The modules that are imported with a module of ours, itself included."""
    found, new = set[str](), {module}
    while new:
        found |= new
        names = {name for path in map(MODULES.__getitem__, new) for name in imported_modules(path)}
        new = {part for name in names for part in (name, name.rpartition(".")[0]) if part in MODULES} - found
    return found - {"shared.features"}


def functions() -> dict[str, str]:
    """The source of each SQL function, by its name with the schema."""
    sources = [path.read_text() for folder in ("api", "internal") for path in SQL.joinpath(folder).glob("*.sql")]
    parts = [part for source in sources for part in re.split(r"create (?:or replace )?function ", source)[1:]]
    return {re.match(r"[\w.]+", part)[0]: part for part in parts}  # type: ignore[index]


FUNCTIONS = functions()


def outcomes_of(function: str) -> set[str]:
    """The outcomes that an SQL function and those that it calls may give."""
    found, new = set[str](), {f"public.{function}"}
    while new:
        found |= new
        called = {name for one in new for name in re.findall(r"\b((?:public|internal)\.\w+)\s*\(", FUNCTIONS[one])}
        new = (called & FUNCTIONS.keys()) - found
    return outcomes("\n".join(FUNCTIONS[one] for one in found))


@pytest.mark.parametrize("feature", features.FEATURES)
def test_a_feature_brings_the_sentences_of_what_it_calls(feature: str) -> None:
    brought = needed_by("shared.interactions.dispatch") | needed_by("shared.features.refusals")
    brought |= needed_by(f"shared.features.{feature}")
    sources = [MODULES[module].read_text() for module in brought if module.startswith("shared.features.")]
    called = {name for source in sources for name in re.findall(r'\brpc\(\s*"(\w+)"', source)}
    told = {outcome for name in called for outcome in outcomes_of(name)} - NOT_TOLD
    assert {outcome for outcome in told if SENTENCES[outcome].__module__ not in brought} == set()


def test_the_claim_of_a_drop_may_be_refused_in_many_ways() -> None:
    assert {"claimed", "drop_not_found", "already_claimed", "member_disabled"} <= outcomes_of("claim_drop")

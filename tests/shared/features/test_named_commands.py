"""What a text tells people to use is there."""

import re

import pytest

from shared.interactions.registry import REGISTRY
from tests import ROOT

SOURCES = [
    *ROOT.joinpath("shared", "features").rglob("*.py"),
    *ROOT.joinpath("shared", "interactions").rglob("*.py"),
    *ROOT.glob("infra/supabase/api/*.sql"),
    *ROOT.glob("infra/supabase/internal/*.sql"),
]
# `/config test-mode enabled:False` in a sentence; "/config streaks" or '/daily' where one is put together.
NAMED = re.compile(r"""[`"']/([a-z][a-z -]*[a-z])((?: [a-z-]+:\w+)*)[`"']""")


def named() -> set[tuple[str, str]]:
    """The commands that texts name, each with the options that are given with it."""
    return {found for source in SOURCES for found in NAMED.findall(source.read_text())}


def test_the_search_finds_what_there_is() -> None:
    assert {("config test-mode", " enabled:False"), ("config streaks", ""), ("join", "")} <= named()


@pytest.mark.parametrize(("path", "given"), sorted(named()))
def test_a_command_that_a_text_names_exists(path: str, given: str) -> None:
    assert path in REGISTRY.commands.keys() | REGISTRY.groups.keys()
    for option in re.findall(r"([a-z-]+):", given):
        command = REGISTRY.commands[path]
        assert option in map(command.option_name, command.parameters)

"""An interaction finds its handler, and what cannot be is told in a sentence."""

from typing import Any

import pytest

from infra.fake_discord import openapi
from shared.discord.reply import choices
from shared.interactions import dispatch
from shared.interactions.problems import InvalidOptionsError
from shared.interactions.registry import (
    Level,
    Registry,
)
from tests.shared.features.rows import sentence_of
from tests.shared.interactions.declared import declare, option, sent

Json = dict[str, Any]


def test_a_declaration_is_a_dispatch(own: Registry) -> None:
    declare()
    given = [option("how-many", 3), option("word", "hey"), option("loud", True), option("brand_id", "b")]
    reply = dispatch.run_command(sent(2, name="greet", options=given))
    assert reply["data"]["content"] == "3 hey None None True b"


def test_the_declared_level_goes_to_the_database(own: Registry) -> None:
    declare()
    interaction = sent(2, name="greet", options=[option("how-many", 3)])
    dispatch.run_command(interaction)
    assert interaction.caller["required_level"] == Level.VIEWER


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ([], ["how-many"]),
        ([option("how-many", 10)], ["how-many"]),
        ([option("how-many", 1), option("word", "x")], ["word"]),
        ([option("how-many", 0), option("word", "too long")], ["how-many", "word"]),
        ([option("how-many", 1), option("brand_id", 5)], ["brand_id"]),
        ([option("how-many", 1), option("gone", "x")], ["gone"]),
    ],
)
def test_a_declaration_is_a_validation(own: Registry, given: list[Json], named: list[str]) -> None:
    declare()
    with pytest.raises(InvalidOptionsError) as caught:
        dispatch.run_command(sent(2, name="greet", options=given))
    assert [problem.name for problem in caught.value.problems] == [f"`{name}`" for name in named]


def test_suggestions_fit_discord(own: Registry) -> None:
    declare()
    reply = dispatch.complete_option(sent(4, name="greet", options=[option("word", "ab", focused=True)]))
    openapi.check_reply(reply)
    assert len(reply["data"]["choices"]) == 25
    assert all(len(choice["name"]) <= 100 for choice in reply["data"]["choices"])


@pytest.mark.parametrize(
    "given", [[], [option("word", "a")], [option("how-many", 1, focused=True)], [option("x", "", focused=True)]]
)
def test_what_has_no_suggestions_gets_none(own: Registry, given: list[Json]) -> None:
    declare()
    assert dispatch.complete_option(sent(4, name="greet", options=given)) == choices([])


# --- Sentences


def test_a_missing_migration_is_named_for_whoever_runs_the_bot() -> None:
    said = sentence_of("migration_missing", {"migration": "008"})
    assert "migration 008" in said
    assert "Everything else works" in said

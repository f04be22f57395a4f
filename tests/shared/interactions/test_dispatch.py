"""An interaction finds its handler, and what cannot be is told in a sentence."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from infra.fake_discord import openapi
from shared.discord.reply import choices
from shared.interactions import dispatch
from shared.interactions.registry import (
    InvalidOptionsError,
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
    assert [name for name, _ in caught.value.problems] == named


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


def test_a_problem_with_an_option_is_a_sentence() -> None:
    problems = [("lifespan", "Value error, should look like 90s"), ("reward", "Input should be greater than 0")]
    assert dispatch.option_problems([*problems, ("brand_id", "Field required")]).splitlines()[1:] == [
        "`lifespan` should look like 90s",
        "`reward` should be greater than 0",
        "`brand_id` is missing",
    ]
    said = dispatch.option_problems(
        [("member", "String should match pattern '^[0-9]{1,20}$'"), ("a`b", "Input is odd")]
    )
    assert said.splitlines()[1:] == ["`member` should be picked from what Discord offers", "`a'b` is odd"]


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        (int, 1e308, "should be a smaller number"),
        (int, "9" * 5_000, "should be a smaller number"),
        (int, "many", "should be a valid integer"),
        (int, 1.5, "should be a valid integer"),
        (float, "x", "should be a valid number"),
        (bool, 2, "should be a valid boolean"),
    ],
)
def test_no_problem_tells_how_we_parse(kind: type, value: Any, said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(value)
    (problem,) = caught.value.errors()
    assert dispatch.option_problems([("it", problem["msg"])]).endswith(f"\n`it` {said}")

"""What is wrong with an option is told in a whole sentence."""

from typing import Annotated, Any, Literal

import pytest
from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from shared.discord.payload import Snowflake
from shared.interactions import dispatch
from shared.interactions.problems import SENTENCES, InvalidOptionsError, Problem, WrongValueError, problem_of
from shared.interactions.registry import REGISTRY, Handler, Registry, unstorable
from tests.shared.interactions.declared import declare, option, sent


def even(value: int) -> int:
    """Refuse odd numbers."""
    if value % 2:
        raise WrongValueError("{name} must be even, such as {example}.", example="{2}")
    return value


def problem(kind: Any, value: Any, **more: Any) -> Problem:
    """What is wrong with a value of an option of a type."""
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(dict[str, kind]).validate_python({"`it`": value})
    return problem_of(caught.value.errors()[0], **more)


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        (int, 1e308, "must be a smaller number."),
        (int, "9" * 5_000, "must be a smaller number."),
        (int, "many", "must be a whole number."),
        (int, 1.5, "must be a whole number."),
        (int, [], "must be a whole number."),
        (int, float("nan"), "must be a number."),
        (float, "x", "must be a number."),
        (float, {}, "must be a number."),
        (bool, 2, "must be True or False."),
        (bool, [], "must be True or False."),
        (str, 5, "must be a text."),
        (Annotated[str, Field(min_length=1)], "", "must not be empty."),
        (Annotated[str, Field(min_length=2)], "x", "must have 2 characters or more."),
        (Annotated[str, Field(max_length=1_000)], "x" * 1_001, "must have 1,000 characters or fewer."),
        (Annotated[int, Field(ge=1)], 0, "must be 1 or more."),
        (Annotated[float, Field(ge=1)], 0.5, "must be 1 or more."),
        (Annotated[int, Field(le=1_000_000)], 10**30, "must be 1,000,000 or less."),
        (Annotated[int, AfterValidator(even)], 3, "must be even, such as {2}."),
    ],
)
def test_a_problem_is_a_sentence_that_does_not_tell_how_we_parse(kind: Any, value: Any, said: str) -> None:
    assert str(problem(kind, value)) == f"`it` {said}"


def test_what_is_to_be_chosen_says_from_what() -> None:
    assert str(problem(Snowflake, "Bob", not_chosen="Choose a member from the list.")) == (
        "Choose a member from the list."
    )
    assert str(problem(Snowflake, "Bob")) == "Choose `it` from the list."
    assert str(problem(Literal["a", "b"], "c", choices=["A", "B"])) == "`it` must be one of these: A, B."


def test_all_problems_are_told_at_once(own: Registry) -> None:
    declare()
    given = [option("how-many", 10), option("word", "\x00"), option("channel", "here"), option("odd", "x")]
    with pytest.raises(InvalidOptionsError) as caught:
        dispatch.run_command(sent(2, name="greet", options=given))
    assert dispatch.option_problems(caught.value.problems).splitlines() == [
        "Nothing has changed. Please check:",
        "`word` has a character that cannot be kept.",
        "`how-many` must be 9 or less.",
        "`odd` is not an option of this command.",
    ]


def test_a_problem_repeats_nothing_that_reads_as_markup() -> None:
    (found,) = InvalidOptionsError([Problem("a`b{name}", "{name} is missing.")]).problems
    assert str(found) == "a`b{name} is missing."
    assert [str(each) for each in unstorable({"x": "\ud800", "y": "fine"})] == [
        "x has a character that cannot be kept."
    ]


ODD: list[Any] = ["", " ", "x", "x" * 6_000, "9" * 5_000, "1.5", "\u0663", -(10**30), 10**30, 1.5, 1e308, True, [], {}]
HANDLERS: list[Handler] = [*REGISTRY.commands.values(), *REGISTRY.forms.values()]


@pytest.mark.parametrize("handler", HANDLERS, ids=lambda handler: handler.name)
def test_every_constraint_of_the_product_has_a_sentence(handler: Handler) -> None:
    for parameter in handler.parameters:
        for value in ODD:
            try:
                handler.model.model_validate({parameter: value})
            except ValidationError as error:
                for found in error.errors():
                    known = SENTENCES.keys() | {"literal_error", "value_error"}
                    assert found["type"] in known, (parameter, value)
                    assert str(problem_of(found)).endswith("."), (parameter, value)

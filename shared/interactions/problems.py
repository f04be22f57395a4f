"""What is wrong with options and fields: a whole sentence for each, with named placeholders."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from shared.format import number

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


@dataclass(frozen=True)
class Problem:
    """What is wrong with one option: `{name}` in the sentence is the option, the other placeholders are the facts."""

    name: str
    sentence: str
    facts: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.sentence.format(name=self.name, **self.facts)


class InvalidOptionsError(Exception):
    """Options that the declaration does not allow, with what is wrong with each."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(f"invalid options: {', '.join(problem.name for problem in problems)}")
        self.problems = problems

    def named(self, shown: Callable[[str], str]) -> "InvalidOptionsError":
        """The same, with the names that people read."""
        return InvalidOptionsError([replace(problem, name=shown(problem.name)) for problem in self.problems])


class WrongValueError(ValueError):
    """A value that a validator of an option refuses, with the sentence and the facts of a `Problem`."""

    def __init__(self, sentence: str, **facts: str) -> None:
        super().__init__(sentence)
        self.sentence, self.facts = sentence, facts


UNSTORABLE = "{name} has a character that cannot be kept."
NOT_LISTED = "Choose {name} from the list."
NONE_OF_THESE = "{name} must be one of these: {choices}."
EMPTY = "{name} must not be empty."
_WHOLE_NUMBER, _NUMBER, _YES_OR_NO = (
    "{name} must be a whole number.",
    "{name} must be a number.",
    "{name} must be True or False.",
)

# By pydantic's type of the error; a placeholder is one of the facts that pydantic gives with it.
SENTENCES = {
    "missing": "{name} is missing.",
    "extra_forbidden": "{name} is not an option of this command.",
    "int_type": _WHOLE_NUMBER,
    "int_parsing": _WHOLE_NUMBER,
    "int_from_float": _WHOLE_NUMBER,
    "int_parsing_size": "{name} must be a smaller number.",
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "bool_type": _YES_OR_NO,
    "bool_parsing": _YES_OR_NO,
    "string_type": "{name} must be a text.",
    "string_too_short": "{name} must have {min_length} characters or more.",
    "string_too_long": "{name} must have {max_length} characters or fewer.",
    "string_pattern_mismatch": NOT_LISTED,
    "greater_than_equal": "{name} must be {ge} or more.",
    "less_than_equal": "{name} must be {le} or less.",
}
WHATEVER_VALUE = ("missing", "extra_forbidden")  # nothing is wrong with the value


def problem_of(error: "ErrorDetails", not_chosen: str = "", choices: Iterable[str] = ()) -> Problem:
    """What pydantic found.

    `not_chosen` is the sentence for any wrong value of an option that people choose, `choices` are all that it offers.
    """
    name, kind, facts = str(error["loc"][0]), error["type"], error.get("ctx", {})
    refused = facts.get("error")
    if isinstance(refused, WrongValueError):
        return Problem(name, refused.sentence, refused.facts)
    if not_chosen and kind not in WHATEVER_VALUE:
        return Problem(name, not_chosen)
    if kind == "literal_error":
        return Problem(name, NONE_OF_THESE, {"choices": ", ".join(choices)})
    if facts.get("min_length") == 1:
        return Problem(name, EMPTY)
    return Problem(name, SENTENCES.get(kind, NOT_LISTED), {fact: _written(value) for fact, value in facts.items()})


def _written(value: Any) -> str:
    return number(value) if isinstance(value, int | float) else str(value)

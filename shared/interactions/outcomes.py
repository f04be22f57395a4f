"""From the outcome of an SQL function to a reply: each feature declares the sentences of its outcomes here."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from shared.discord.reply import MessagePayload, Reply, ephemeral, ephemeral_message

Facts = Mapping[str, Any]  # an answer of an SQL function, or a part of one
Sentences = Mapping[str, Callable[[Facts], str]]  # by outcome

SENTENCES: dict[str, Callable[[Facts], str]] = {}
_refusals: set[str] = set()


class RefusedError(Exception):
    """An SQL function refuses what a reply needs; `result` is its answer."""

    def __init__(self, result: Facts) -> None:
        super().__init__(result["outcome"])
        self.result = result


def declare(sentences: Sentences) -> None:
    """Declare what people read for some outcomes. Raises ValueError for an outcome that is declared already."""
    if twice := SENTENCES.keys() & sentences.keys():
        raise ValueError(f"declared twice: {', '.join(sorted(twice))}")
    SENTENCES.update(sentences)


def declare_refusals(sentences: Sentences, *, shown: Iterable[str] = ()) -> None:
    """Declare outcomes by which nothing happens; those in `shown` are answered with a message, not with a sentence.

    Raises ValueError for an outcome that is declared already.
    """
    declare(sentences)
    _refusals.update(sentences, shown)


def is_refusal(outcome: str) -> bool:
    """Whether an outcome is declared as a refusal."""
    return outcome in _refusals


def sentence(result: Facts, instead: Sentences | None = None) -> str:
    """The sentence of an outcome; `instead` has those that a feature words differently."""
    outcome = result["outcome"]
    write = (instead or {}).get(outcome) or SENTENCES[outcome]
    return write(result)


def outcome_reply(result: Facts, instead: Sentences | None = None) -> Reply:
    """The sentence of an outcome, visible only to the one who acted."""
    return ephemeral(sentence(result, instead))


def page_reply(
    result: Facts,
    outcome: str,
    render: Callable[[Facts], MessagePayload],
    send: Callable[[MessagePayload], Reply] = ephemeral_message,
) -> Reply:
    """Render a result that has the expected outcome; reply to any other outcome with its sentence."""
    return send(render(result)) if result["outcome"] == outcome else outcome_reply(result)

"""The sentence of an outcome is declared once, and a feature may word it differently."""

from typing import Any

import pytest

from infra.fake_discord import openapi
from shared.discord.reply import page, update
from shared.interactions import outcomes


@pytest.fixture(autouse=True)
def own(monkeypatch: pytest.MonkeyPatch) -> None:
    """No outcome is declared yet."""
    monkeypatch.setattr(outcomes, "SENTENCES", {})
    monkeypatch.setattr(outcomes, "_refusals", set())


def test_a_declared_outcome_has_its_sentence() -> None:
    outcomes.declare({"paid": lambda f: f"You got {f['amount']}."})
    assert outcomes.sentence({"outcome": "paid", "amount": 5}) == "You got 5."
    assert not outcomes.is_refusal("paid")


def test_what_refuses_something_is_known_as_a_refusal() -> None:
    outcomes.declare_refusals({"too_late": lambda _: "Too late."}, shown=["over"])
    assert outcomes.sentence({"outcome": "too_late"}) == "Too late."
    assert outcomes.is_refusal("too_late")
    assert outcomes.is_refusal("over")
    assert not outcomes.is_refusal("other")


@pytest.mark.parametrize("again", [outcomes.declare, outcomes.declare_refusals])
def test_an_outcome_is_declared_once(again: Any) -> None:
    outcomes.declare({"paid": lambda _: "Yes."})
    with pytest.raises(ValueError, match="declared twice: paid"):
        again({"paid": lambda _: "No.", "other": lambda _: "Other."})
    assert outcomes.sentence({"outcome": "paid"}) == "Yes."
    assert set(outcomes.SENTENCES) == {"paid"}


def test_a_feature_may_word_an_outcome_differently() -> None:
    outcomes.declare({"off": lambda _: "Ask an admin.", "paid": lambda _: "Yes."})
    instead: outcomes.Sentences = {"off": lambda _: "Switch it on."}
    assert outcomes.sentence({"outcome": "off"}) == "Ask an admin."
    assert outcomes.sentence({"outcome": "off"}, instead) == "Switch it on."
    assert outcomes.sentence({"outcome": "paid"}, instead) == "Yes."


def test_an_outcome_that_nobody_declared_is_a_bug() -> None:
    with pytest.raises(KeyError, match="unheard_of"):
        outcomes.sentence({"outcome": "unheard_of"})


def test_only_the_one_who_acted_sees_a_sentence() -> None:
    outcomes.declare({"paid": lambda _: "Yes."})
    reply = outcomes.outcome_reply({"outcome": "paid"})
    openapi.check_reply(reply)
    assert (reply["data"]["content"], reply["data"]["flags"]) == ("Yes.", 64)


def test_the_expected_outcome_is_a_page_and_any_other_a_sentence() -> None:
    outcomes.declare({"refused": lambda _: "No."})
    found = outcomes.page_reply({"outcome": "found", "text": "Much."}, "found", lambda f: page("Title", f["text"]))
    openapi.check_reply(found)
    assert (found["data"]["embeds"][0]["description"], found["data"]["flags"]) == ("Much.", 64)
    shown = outcomes.page_reply({"outcome": "found"}, "found", lambda _: page("Title", "Much."), update)
    assert (shown["type"], "flags" in shown["data"]) == (7, False)
    refused = outcomes.page_reply({"outcome": "refused"}, "found", lambda _: page("Title", "Much."), update)
    assert (refused["type"], refused["data"]["content"]) == (4, "No.")

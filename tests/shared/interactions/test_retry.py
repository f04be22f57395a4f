"""A form that was sent in vain opens again as it was, and what was written stands nowhere but in the reply."""

import json
from typing import Annotated, Any
from uuid import uuid4

import pytest
from pydantic import Field

from infra.fake_discord import openapi
from shared.discord.payload import Message, Snowflake
from shared.discord.reply import Choice, Reply, ephemeral, public_message
from shared.interactions import dispatch, registry, retry
from shared.interactions.interaction import Interaction
from shared.interactions.outcomes import RefusedError, is_refusal, outcome_reply
from shared.interactions.registry import REGISTRY, Form, OptionKind, Registry, UnknownHandlerError
from tests.shared.interactions.declared import sent

Json = dict[str, Any]
BUTTON, FORM = 3, 5
CUSTOM_ID = "note:77"
AGAIN = f"again:{CUSTOM_ID}"
KEY = "s3cr3t-abcdef"


def offer(_: Interaction, filled_in: str) -> list[Choice]:
    """Two colours, and the one that is filled in."""
    return [Choice(colour.upper(), colour) for colour in dict.fromkeys(["red", "blue", filled_in]) if colour]


Text = Annotated[str, Field(description="Any text", min_length=1, max_length=2_000)]
Number = Annotated[int, Field(description="How many", ge=1, le=9)]
Colour = Annotated[str, OptionKind(offer=offer, offer_description="Which colour"), Field(description="A colour")]
Key = Annotated[str, OptionKind(withheld="s3cr3t-[a-z]{6}"), Field(description="A key", min_length=3)]


@pytest.fixture
def note(own: Registry) -> Form:
    """A form with a field of each kind, which answers some texts with a refusal; no other form is declared."""

    @registry.form("note", "A note", carries=("about",))
    def note(
        interaction: Interaction,
        about: Snowflake,
        text: Text,
        how_many: Number | None = None,
        colour: Colour = "red",
        key: Key | None = None,
    ) -> Reply:
        """Write a note"""
        if is_refusal(text):
            return outcome_reply(interaction.conclude(text, migration="001", required_level=4))
        if text == "public":
            return public_message(ephemeral("Noted")["data"] | {"flags": 0})
        return ephemeral(f"{about} {text} {how_many} {colour} {key}")

    return note


def field(name: str, value: Any) -> Json:
    """A field of a form as sent: a text, or the values of a select."""
    kind = {"type": 3, "values": value} if isinstance(value, list) else {"type": 4, "value": value}
    return {"type": 18, "component": kind | {"custom_id": name}}


def interaction(kind: int, message: Json | None, **data: Any) -> Interaction:
    """An interaction with a message, or without one."""
    found = sent(kind, **data)
    kept = Message.model_validate({"id": "9"} | message) if message is not None else None
    found.payload = found.payload.model_copy(update={"message": kept})
    return found


def send(custom_id: str = CUSTOM_ID, message: Json | None = None, **written: Any) -> Reply:
    """The reply to a form, as Discord would take it."""
    components = [field(name, value) for name, value in written.items()]
    reply = dispatch.send_form(interaction(FORM, message, custom_id=custom_id, components=components))
    openapi.check_reply(reply)
    return reply


def press(message: Json, custom_id: str = AGAIN) -> Reply:
    """The reply to the button below a message."""
    reply = dispatch.use_component(interaction(BUTTON, message, custom_id=custom_id))
    openapi.check_reply(reply)
    return reply


def kept(reply: Reply) -> Json:
    """What a reply has kept, by the names of the fields."""
    return {item["name"]: item["value"] for shown in reply["data"]["embeds"] for item in shown["fields"]}


def filled_in(reply: Reply) -> Json:
    """What stands in the fields of an open form."""
    assert reply["type"] == 9
    fields = [label["component"] for label in reply["data"]["components"]]
    return {each["custom_id"]: each.get("value", "") if each["type"] == 4 else chosen(each) for each in fields}


def chosen(select: Json) -> list[str]:
    """The values that are chosen in a select."""
    return [option["value"] for option in select["options"] if option["default"]]


def button_of(reply: Reply) -> Json | None:
    """The button below a reply, if there is one."""
    rows = reply["data"]["components"]
    return rows[0]["components"][0] if rows else None


NOTHING = {"text": "", "how_many": "", "colour": [], "key": ""}

# --- A mistake


def test_all_mistakes_are_told_at_once_with_what_was_written_and_a_button(note: Form) -> None:
    reply = send(text="Hello *you*", how_many="many", colour=["green"], key="no")
    assert reply["data"]["flags"] == 64
    assert reply["data"]["content"].splitlines() == [
        "Nothing has changed. Please check:",
        "**How many** must be a whole number.",
        "**Key** must have 3 characters or more.",
    ]
    assert kept(reply) == {"Text": "Hello *you*", "How many": "many", "Colour": "green"}
    button = button_of(reply)
    assert button
    assert (button["label"], button["custom_id"]) == ("Try again", AGAIN)


def test_the_button_opens_the_form_as_it_was_sent(note: Form) -> None:
    text = "One line\n\nand **another** one, with 🎉 and <:blob:123>"
    reply = send(text=text, how_many="0", colour=["blue"])
    form = press(reply["data"])
    assert (form["data"]["custom_id"], form["data"]["title"]) == (AGAIN, "A note")
    assert filled_in(form) == {"text": text, "how_many": "0", "colour": ["blue"], "key": ""}


def test_the_second_attempt_takes_the_place_of_the_first(note: Form) -> None:
    first = send(text="A", how_many="0")
    second = send(AGAIN, first["data"], text="B", how_many="many")
    assert second["type"] == 7
    assert "flags" not in second["data"]
    assert button_of(second) == button_of(first)
    assert kept(second) == {"Text": "B", "How many": "many"}
    third = send(AGAIN, second["data"], text="B", how_many="3")
    assert (third["type"], third["data"]["content"]) == (7, "77 B 3 red None")
    assert (third["data"]["embeds"], third["data"]["components"]) == ([], [])


def test_what_everybody_is_to_see_replaces_nothing(note: Form) -> None:
    assert send(AGAIN, {}, text="public")["type"] == 4


def test_without_a_message_there_is_nothing_to_replace(note: Form) -> None:
    assert send(AGAIN, text="A")["type"] == 4


def test_a_form_without_a_mistake_has_no_button(note: Form) -> None:
    reply = send(text="A", colour=["blue"])
    assert (reply["data"]["content"], button_of(reply)) == ("77 A None blue None", None)


def test_a_press_that_is_delivered_twice_opens_the_same_form(note: Form) -> None:
    reply = send(text="A", how_many="0")
    assert press(reply["data"]) == press(reply["data"])


# --- A refusal


@pytest.mark.parametrize(
    ("outcome", "has_button"), [("migration_missing", True), ("not_allowed", False), ("already_done", False)]
)
def test_a_refusal_keeps_what_was_written_unless_nothing_can_mend_it(
    note: Form, outcome: str, has_button: bool
) -> None:
    reply = send(text=outcome)
    assert (button_of(reply) is not None) == has_button
    assert kept(reply) == ({"Text": outcome} if has_button else {})


def test_a_form_does_not_open_where_what_it_offers_is_refused(own: Registry) -> None:
    def refused(*_: Any) -> list[Choice]:
        raise RefusedError({"outcome": "migration_missing", "migration": "001"})

    @registry.form("pick", "Pick")
    def pick(
        interaction: Interaction, what: Annotated[str, OptionKind(offer=refused), Field(description="What")]
    ) -> Reply:
        """Pick"""
        return ephemeral(what)

    reply = dispatch.respond(sent(BUTTON, custom_id="again:pick"))
    assert "migration 001" in reply["data"]["content"]


# --- What is kept


def test_a_secret_is_not_kept(note: Form) -> None:
    reply = send(text="A", how_many="0", key=KEY)
    assert "s3cr3t" not in json.dumps(reply)
    assert reply["data"]["embeds"][0]["description"] == (
        "**Key** is not kept, because it is secret. Please enter it again."
    )
    assert filled_in(press(reply["data"]))["key"] == ""


@pytest.mark.parametrize(
    ("text", "key"), [(KEY, "other"), (f"My key is {KEY}", "other"), ("anything", "anything"), (KEY, "")]
)
def test_a_secret_in_the_wrong_field_is_not_kept_either(note: Form, text: str, key: str) -> None:
    reply = send(text=text, how_many="0", key=key)
    assert text not in json.dumps(reply)
    assert kept(reply) == {"How many": "0"}


def test_a_message_does_not_fill_in_a_secret(note: Form) -> None:
    message = {"embeds": [{"fields": [{"name": "Key", "value": "typed"}, {"name": "Text", "value": "A"}]}]}
    assert filled_in(press(message)) == NOTHING | {"text": "A"}


def test_what_is_too_long_for_discord_is_cut_and_says_so(note: Form) -> None:
    reply = send(text="x" * 2_000, how_many="0")
    assert reply["data"]["embeds"][0]["description"] == "**Text** is too long to be kept whole: its end is missing."
    assert filled_in(press(reply["data"]))["text"] == "x" * 1_024


def test_the_longest_that_every_form_can_keep_fits() -> None:
    for form in REGISTRY.forms.values():
        written = dict.fromkeys(form.asked, "x" * 4000)
        reply = retry.with_entries(ephemeral("x" * 2_000), form, form.name, written)
        openapi.check_reply(reply)


@pytest.mark.parametrize("odd", ["\x00", "\ud800", "\u200b", "\u202e", "\x1b"])
def test_what_cannot_be_sent_or_seen_is_left_out(note: Form, odd: str) -> None:
    reply = send(text=f"A{odd}B", how_many=odd, colour=[odd])
    json.dumps(reply, ensure_ascii=False).encode()
    assert kept(reply)["Text"] in ("AB", "A?B")
    assert button_of(reply)


def test_nothing_written_is_nothing_kept(note: Form) -> None:
    reply = send(text="")
    assert reply["data"]["embeds"] == []
    assert filled_in(press(reply["data"])) == NOTHING


# --- What Discord would not send

ODD_MESSAGES: list[Json] = [
    {},
    {"embeds": []},
    {"embeds": [{}]},
    {"embeds": [{"fields": []}]},
    {"embeds": [{"fields": [{"name": "Odd", "value": "x"}, {"name": "About", "value": "1"}]}]},
    {"embeds": [{"fields": [{"name": "Text"}, {"value": "x"}]}]},
]


@pytest.mark.parametrize("message", ODD_MESSAGES)
def test_what_a_message_holds_besides_is_ignored(note: Form, message: Json) -> None:
    assert filled_in(press(message)) == NOTHING


def test_a_message_fills_in_no_more_than_a_field_takes(note: Form) -> None:
    message = {"embeds": [{"fields": [{"name": "Text", "value": "x" * 5_000}]}]}
    assert filled_in(press(message))["text"] == "x" * 2_000


def test_a_message_fills_in_nothing_that_cannot_be_sent(note: Form) -> None:
    form = press({"embeds": [{"fields": [{"name": "Text", "value": "A\ud800\x00B"}]}]})
    assert filled_in(form)["text"] == "A?B"


@pytest.mark.parametrize(
    "custom_id",
    ["again:", "again:note", "again:note:", "again:note:x", "again:note:1:2", f"again:{AGAIN}", "again:gone:1"],
)
def test_a_button_made_by_hand_opens_nothing_and_sends_nothing(note: Form, custom_id: str) -> None:
    with pytest.raises(UnknownHandlerError):
        press({}, custom_id)
    with pytest.raises(UnknownHandlerError):
        send(custom_id, text="A")


def test_every_form_has_room_for_its_button() -> None:
    longest = {"message_id": "9" * 20, "reward": "10000", "preview_id": str(uuid4())}
    for form in REGISTRY.forms.values():
        custom_id = form.custom_id(*[longest[name] for name in form.carries])
        assert len(f"{retry.PREFIX}{custom_id}") <= registry.CUSTOM_ID_LIMIT

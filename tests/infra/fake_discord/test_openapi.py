"""The contract check refuses what Discord refuses, says where, and lets the rest through."""

from typing import Any

import pytest

from infra.fake_discord import openapi
from infra.fake_discord.contract import ContractError, Json

COMMANDS = "/applications/1/commands"
MESSAGES = "/channels/1/messages"


def message(**data: Any) -> Json:
    return {"type": 4, "data": data}


def row(*buttons: Json) -> Json:
    return {"type": 1, "components": list(buttons)}


def button(**changes: Any) -> Json:
    return {"type": 2, "style": 1, "label": "Claim", "custom_id": "claim:1", **changes}


def field(name: str = "Amount", value: str = "5 RSNC") -> Json:
    return {"name": name, "value": value}


def choice(name: str = "News", value: str = "news") -> Json:
    return {"name": name, "value": value}


def choices(count: int) -> list[Json]:
    return [choice(f"{n}" + "x" * 20, f"{n}" + "y" * 30) for n in range(count)]


def text_input(custom_id: str = "label") -> Json:
    return {"type": 18, "label": "Label", "component": {"type": 4, "custom_id": custom_id, "style": 1}}


def modal_field(component: Json) -> Json:
    return {"type": 18, "label": "Field", "component": {"custom_id": "field", **component}}


def modal(*components: Json, **changes: Any) -> Json:
    data = {"custom_id": "drop", "title": "Make this a drop", "components": list(components), **changes}
    return {"type": 9, "data": data}


def command(*options: Json, **changes: Any) -> Json:
    return {"name": "claim", "description": "Take a reward", "options": list(options), **changes}


def option(name: str = "event", kind: int = 3, **changes: Any) -> Json:
    return {"type": kind, "name": name, "description": "Which one", **changes}


def buttons(count: int) -> list[Json]:
    return [button(custom_id=f"claim:{number}") for number in range(count)]


def rows(count: int) -> list[Json]:
    return [row(button(custom_id=f"claim:{number}")) for number in range(count)]


GOOD_REPLIES = {
    "pong": {"type": 1},
    "a sentence": message(content="Hello", flags=64, allowed_mentions={"parse": []}),
    "a full message": message(embeds=[{"title": "Drop", "fields": [field()]}], components=rows(5)),
    "five buttons": message(content="Choose", components=[row(*buttons(5))]),
    "a link": message(content="Read", components=[row(button(style=5, url="https://x.org", custom_id=None))]),
    "later": {"type": 5, "data": {"flags": 64}},
    "an update that takes the buttons away": {"type": 7, "data": {"components": []}},
    "an update that is left for later": {"type": 6},
    "no choices": {"type": 8, "data": {"choices": []}},
    "25 choices": {"type": 8, "data": {"choices": [choice(f"News {n}") for n in range(25)]}},
    "number choices": {"type": 8, "data": {"choices": [{"name": "Five", "value": 5}]}},
    "a modal": modal(text_input()),
    "a modal with a select": modal(
        modal_field({"type": 3, "options": [{"label": "A", "value": "a", "default": True}]})
    ),
}

BAD_REPLIES = {
    "not an object": ([], "(body): the value is not of type"),
    "no type": ({}, "type: This field is required"),
    "unknown type": ({"type": 99}, "type: must be one of 1, 4, 5"),
    "message without data": ({"type": 4}, "data: This field is required"),
    "empty message": (message(flags=64), "data: Cannot send an empty message"),
    "content is a number": (message(content=5), "data.content: the value is not of types"),
    "long content": (message(content="x" * 2001), "data.content: Must be 2000 or fewer"),
    "eleven embeds": (message(embeds=[{"title": "x"}] * 11), "data.embeds: Must be 10 or fewer"),
    "long title": (message(embeds=[{"title": "x" * 257}]), "data.embeds[0].title: Must be 256 or fewer"),
    "long description": (
        message(embeds=[{"description": "x" * 4097}]),
        "embeds[0].description: Must be 4096",
    ),
    "26 fields": (message(embeds=[{"fields": [field()] * 26}]), "embeds[0].fields: Must be 25 or fewer"),
    "long field name": (message(embeds=[{"fields": [field("x" * 257)]}]), "fields[0].name: Must be 256"),
    "long field value": (
        message(embeds=[{"fields": [field("x", "x" * 1025)]}]),
        "fields[0].value: Must be 1024",
    ),
    "blank field value": (message(embeds=[{"fields": [field("x", " ")]}]), "fields[0].value: This field"),
    "long footer": (message(embeds=[{"footer": {"text": "x" * 2049}}]), "footer.text: Must be 2048"),
    "embed without words": (message(embeds=[{"color": 5}]), "data.embeds[0]: shows nothing"),
    "embeds of 6001": (
        message(embeds=[{"description": "x" * 3000}, {"description": "x" * 3001}]),
        "data.embeds: Embed size exceeds maximum size of 6000",
    ),
    "timestamp in words": (message(embeds=[{"title": "x", "timestamp": "today"}]), "embeds[0].timestamp: "),
    "button outside a row": (message(content="x", components=[button()]), "data.components[0].type: must be"),
    "empty row": (message(content="x", components=[row()]), "components[0].components: Must be 1 or more"),
    "six rows": (message(content="x", components=rows(6)), "data.components: Must be 5 or fewer"),
    "six buttons": (
        message(content="x", components=[row(*buttons(6))]),
        "components[0].components: Must be 5",
    ),
    "button without custom_id": (
        message(content="x", components=[row(button(custom_id=None))]),
        "data.components[0].components[0].custom_id: This field is required",
    ),
    "empty custom_id": (message(content="x", components=[row(button(custom_id=""))]), "custom_id: Must be 1"),
    "long custom_id": (
        message(content="x", components=[row(button(custom_id="x" * 101))]),
        "custom_id: Must be 100",
    ),
    "custom_id twice": (
        message(content="x", components=[row(button()), row(button())]),
        "data.components[1].components[0].custom_id: Component custom id cannot be duplicated",
    ),
    "long label": (message(content="x", components=[row(button(label="x" * 81))]), "[0].label: Must be 80"),
    "nothing on the button": (
        message(content="x", components=[row(button(label=None))]),
        "must have a label",
    ),
    "unknown style": (
        message(content="x", components=[row(button(style=9))]),
        "style: must be one of 1, 2, 3",
    ),
    "link with custom_id": (
        message(content="x", components=[row(button(style=5, url="https://x.org"))]),
        "custom_id: a button of style 5 has none",
    ),
    "text display without its flag": (
        message(components=[{"type": 10, "content": "Hello"}]),
        "data.components: needs the flag IS_COMPONENTS_V2",
    ),
    "update with long content": ({"type": 7, "data": {"content": "x" * 2001}}, "data.content: Must be 2000"),
    "26 choices": ({"type": 8, "data": {"choices": [choice()] * 26}}, "data.choices: Must be 25 or fewer"),
    "nameless choice": ({"type": 8, "data": {"choices": [choice(name="")]}}, "choices[0].name: Must be 1"),
    "long choice name": (
        {"type": 8, "data": {"choices": [choice("x" * 101)]}},
        "choices[0].name: Must be 100",
    ),
    "long choice value": (
        {"type": 8, "data": {"choices": [choice("News", "x" * 101)]}},
        "data.choices[0].value: Must be between 1 and 100",
    ),
    "long modal title": (modal(text_input(), title="x" * 46), "data.title: Must be 45 or fewer"),
    "empty modal": (modal(), "data.components: Must be 1 or more"),
    "six fields": (
        modal(*(text_input(f"field-{n}") for n in range(6))),
        "data.components: Must be 5 or fewer",
    ),
    "more text than a field takes": (
        modal(modal_field({"type": 4, "style": 1, "value": "xx", "max_length": 1})),
        "data.components[0].component.value: Must be 1 or fewer",
    ),
    "the same option twice": (
        modal(modal_field({"type": 3, "options": [{"label": "A", "value": "a"}, {"label": "B", "value": "a"}]})),
        "data.components[0].component.options: The specified option value is already used",
    ),
    "two options chosen": (
        modal(modal_field({"type": 3, "options": [{"label": n, "value": n, "default": True} for n in "ab"]})),
        "data.components[0].component.options: More options are chosen",
    ),
    "the same field twice": (
        modal(text_input(), text_input()),
        "components[1].component.custom_id: Component",
    ),
}

BAD_COMMANDS = {
    "upper case": ([command(name="Claim")], "[0].name: must be lower-case"),
    "space in a name": ([command(name="take it")], "[0].name: must be lower-case"),
    "no description": ([command(description="")], "[0].description: This field is required"),
    "long description": ([command(description="x" * 101)], "[0].description: Must be 100 or fewer"),
    "menu with a description": ([command(type=3)], "[0].description: Context menu commands cannot"),
    "the same name twice": ([command(), command()], "[1].name: Application command names must be unique"),
    "101 commands": ([command(name=f"claim-{n}") for n in range(101)], "more than 100 slash commands"),
    "16 menus": ([{"name": f"Menu {n}", "type": 3} for n in range(16)], "more than 15 message commands"),
    "required option last": (
        [command(option("a"), option("b", required=True))],
        "[0].options: Required options must be placed before",
    ),
    "option twice": ([command(option(), option())], "[0].options[1].name: Option names must be unique"),
    "26 options": ([command(*(option(f"o{n}") for n in range(26)))], "[0].options: Must be 25 or fewer"),
    "unknown option type": ([command(option(kind=99))], "[0].options[0].type: must be one of 1, 2, 3"),
    "option beside a subcommand": ([command(option(), option("new", 1))], "[0].options: Sub-command and"),
    "group in a group": (
        [command(option("a", 2, options=[option("b", 2, options=[])]))],
        "[0].options[0].options[0].type: ",
    ),
    "26 choices": ([command(option(choices=[choice()] * 26))], "[0].options[0].choices: Must be 25"),
    "choices and autocomplete": (
        [command(option(choices=[choice()], autocomplete=True))],
        "[0].options[0].autocomplete: cannot be set beside choices",
    ),
    "permissions in words": ([command(default_member_permissions="admin")], "default_member_permissions: "),
    "more than 8000 characters": (
        [command(*(option(f"o{n}", description="x" * 100, choices=choices(5)) for n in range(25)))],
        "[0]: Command exceeds maximum size (8000)",
    ),
}


@pytest.mark.parametrize("reply", GOOD_REPLIES.values(), ids=GOOD_REPLIES)
def test_a_good_reply_passes(reply: Json) -> None:
    openapi.check_reply(reply)


@pytest.mark.parametrize(("reply", "problem"), BAD_REPLIES.values(), ids=BAD_REPLIES)
def test_a_bad_reply_is_refused(reply: Any, problem: str) -> None:
    with pytest.raises(ContractError) as refused:
        openapi.check_reply(reply)
    assert problem in str(refused.value)
    assert len(refused.value.problems) == 1, "one fault, one problem"


@pytest.mark.parametrize(("commands", "problem"), BAD_COMMANDS.values(), ids=BAD_COMMANDS)
def test_bad_commands_are_refused(commands: list[Json], problem: str) -> None:
    with pytest.raises(ContractError) as refused:
        openapi.check_request("PUT", COMMANDS, commands)
    assert problem in str(refused.value)


def test_good_commands_pass() -> None:
    group = option("events", 2, options=[option("list", 1), option("edit", 1, options=[option(required=True)])])
    menu = {"name": "Make this a drop", "type": 3, "contexts": [0], "default_member_permissions": "32"}
    openapi.check_request("PUT", COMMANDS, [command(option(autocomplete=True)), command(group, name="config"), menu])


def test_only_the_longest_translation_counts_towards_the_8000() -> None:
    translated = {"de": "x" * 90, "fr": "x" * 100}
    options = [option(f"option-{n}", description="x" * 95, description_localizations=translated) for n in range(25)]
    commands = [command(option("new", 1, options=options), option("old", 1, options=options))]
    openapi.check_request("PUT", COMMANDS, commands)


def test_a_message_over_rest_is_held_to_the_limits_too() -> None:
    openapi.check_request("POST", MESSAGES, {"content": "x" * 2000, "nonce": "n" * 25, "enforce_nonce": True})
    for body in ({"content": "x" * 2001}, {"content": "x", "nonce": "n" * 26}, {"content": ""}):
        with pytest.raises(ContractError):
            openapi.check_request("POST", MESSAGES, body)


def test_a_body_is_needed_where_the_route_has_one_and_only_there() -> None:
    openapi.check_request("GET", MESSAGES + "?limit=5", None)
    with pytest.raises(ContractError, match="needs a body"):
        openapi.check_request("POST", MESSAGES, None)
    with pytest.raises(ContractError, match="takes no body"):
        openapi.check_request("GET", MESSAGES, {})


def test_a_literal_path_wins_over_a_parameter() -> None:
    with pytest.raises(ContractError, match=r"reactions/\{emoji_name\}/@me"):
        openapi.check_request("DELETE", MESSAGES + "/2/reactions/party:3/@me", {})


def test_an_unknown_route_is_refused() -> None:
    with pytest.raises(ContractError, match="no such route"):
        openapi.check_request("POST", "/channels/1/massages", {})


def test_answers_are_checked_by_status() -> None:
    openapi.check_response("DELETE", MESSAGES + "/2", 204, None)
    openapi.check_response("GET", MESSAGES + "/2", 404, {"message": "Unknown Message", "code": 10008})
    for status, body in ((204, {}), (200, {"id": "2"}), (404, {"message": "no code"}), (500, None)):
        with pytest.raises(ContractError):
            openapi.check_response("DELETE", MESSAGES + "/2", status, body)


def test_a_problem_does_not_repeat_the_value() -> None:
    with pytest.raises(ContractError) as refused:
        openapi.check_reply({"type": 4, "data": {"content": {"token": "very secret"}}})
    assert "secret" not in str(refused.value)

"""infra.deploy.command_diff: what differs is named, and what Discord adds or leaves out is no difference."""

from typing import Any

import pytest

from infra.deploy.command_diff import diff

Json = dict[str, Any]
DAILY = {"name": "daily", "description": "Check in", "type": 1}


def option(name: str, **more: Any) -> Json:
    return {"type": 3, "name": name, "description": "Which one", **more}


def command(*options: Json, **more: Any) -> Json:
    return {"type": 1, "name": "claim", "description": "Take a reward", "options": list(options), **more}


def fields(before: Json, after: Json) -> list[str]:
    """The fields of /claim that differ."""
    return diff([before], [after]).changed.get("/claim", [])


def test_new_changed_and_removed_commands_are_told_apart() -> None:
    menu = {"type": 3, "name": "Make this a drop"}
    found = diff([DAILY, command()], [command(description="Another"), menu])
    assert str(found).splitlines()[:3] == ["+ Apps > Make this a drop", "~ /claim: description", "- /daily"]
    assert "1 of the 200 commands that Discord lets you create a day" in str(found)
    assert "lose the permissions that servers have set for them" in str(found)


def test_what_is_new_or_changed_alone_warns_of_nothing_else() -> None:
    assert "lose" not in str(diff([], [DAILY]))
    assert str(diff([command()], [command(nsfw=True)])) == "~ /claim: nsfw"


def test_a_menu_entry_and_a_command_may_have_the_same_name() -> None:
    menu = {"type": 3, "name": "daily"}
    assert diff([DAILY], [DAILY, menu]).added == ["Apps > daily"]
    assert diff([DAILY, menu], [DAILY]).removed == ["Apps > daily"]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"required": True}, {}, ["options.event.required"]),
        ({}, {"required": False}, []),
        ({"min_length": 1}, {}, ["options.event.min_length"]),
        ({"min_value": 0}, {}, ["options.event.min_value"]),
        ({}, {"min_value": 0}, ["options.event.min_value"]),
        ({"autocomplete": True}, {"autocomplete": False}, ["options.event.autocomplete"]),
        ({"choices": [{"name": "A", "value": "a"}]}, {"choices": []}, ["options.event.choices"]),
        (
            {"choices": [{"name": "A", "value": "a"}]},
            {"choices": [{"name": "A", "value": "b"}]},
            ["options.event.choices.A.value"],
        ),
        ({"channel_types": [0, 5]}, {"channel_types": [5, 0]}, []),
        ({"name_localizations": None}, {}, []),
        ({"id": "1", "something_new": True}, {}, []),  # what Discord adds
    ],
)
def test_an_option_is_compared_both_ways(before: Json, after: Json, expected: list[str]) -> None:
    assert fields(command(option("event", **before)), command(option("event", **after))) == expected


def test_options_in_another_order_or_number_are_a_change_of_the_options() -> None:
    one, two = option("event"), option("other")
    assert fields(command(one, two), command(two, one)) == ["options"]
    assert fields(command(one), command(one, two)) == ["options"]
    assert fields(command(one), command()) == ["options"]


def test_who_may_see_a_command_is_compared() -> None:
    assert fields(command(default_member_permissions="32"), command()) == ["default_member_permissions"]
    assert fields(command(contexts=[0, 1]), command(contexts=[0])) == ["contexts"]

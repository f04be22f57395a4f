"""The alarms of the template: what they look at, whom they tell, and what to do then."""

import re
from typing import Any

import pytest

from infra.local import template
from tests.monitoring import ALARMS, AWS_METRICS, NAMESPACE, PUBLISHED, RESOURCES, of_type

Json = dict[str, Any]


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
        "reactions-not-run",
        "reactions-behind",
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
        ("ReactionsNotRunAlarm", "CollectReactionsFunction", 600),
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


def test_what_alarms_cost_is_told_as_it_is() -> None:
    alarms = of_type("CloudWatch::Alarm").values()
    metrics = sum(sum("MetricStat" in metric for metric in alarm.get("Metrics", [])) or 1 for alarm in alarms)
    told = f"{metrics} alarm metrics: {len(alarms)} alarms"
    assert told in (template.PATH.parent / "docs" / "costs.md").read_text()

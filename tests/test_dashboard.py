"""The dashboard of the template shows what there is."""

import json
import re
from typing import Any

from tests.monitoring import ALARMS, AWS_METRICS, NAMESPACE, PUBLISHED, RESOURCES, of_type

Json = dict[str, Any]
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

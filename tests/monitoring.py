"""Metrics and alarms, as the template has them."""

from typing import Any

from infra.local import template

Json = dict[str, Any]
Metric = tuple[str, float, str | None]  # name, value, and the value of its dimension
RESOURCES: Json = template.load()["Resources"]
NAMESPACE = "Resonance/${AWS::StackName}"
AWS_METRICS = {
    "AWS/Lambda": {"Errors", "Invocations", "Throttles", "UrlRequestLatency"},
    "AWS/SQS": {"ApproximateNumberOfMessagesVisible"},
}
PUBLISHED = {"Claims", "Refusals", "ReplyMilliseconds", "BadSignatures", "Errors", "DropsUnrendered", "ReactionsBehind"}
PUBLISHED |= {"Items"}


def of_type(kind: str) -> dict[str, Json]:
    return {name: r.get("Properties", {}) for name, r in RESOURCES.items() if r["Type"] == f"AWS::{kind}"}


ALARMS = of_type("CloudWatch::Alarm")

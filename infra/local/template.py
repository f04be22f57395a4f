"""The functions of template.yaml with what the local stack needs of them: handler, timeout, schedule."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

PATH = Path(__file__).parents[2] / "template.yaml"
_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}


@dataclass(frozen=True)
class Function:
    """One function of the template; its name is the last part of the module, such as `expire_drops`."""

    handler: str
    timeout: float
    interval: float | None = None  # seconds between scheduled runs; None without a schedule

    @property
    def name(self) -> str:
        return self.handler.split(".")[-2]


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms: `!Ref A` is {"Ref": "A"}, `!Sub A` is {"Fn::Sub": "A"}."""


def _intrinsic(loader: yaml.SafeLoader, name: str, node: yaml.Node) -> dict[str, Any]:
    key = name if name in {"Ref", "Condition"} else f"Fn::{name}"
    if isinstance(node, yaml.MappingNode):
        return {key: loader.construct_mapping(node, deep=True)}
    if isinstance(node, yaml.SequenceNode):
        return {key: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.ScalarNode)
    return {key: loader.construct_scalar(node)}


_Loader.add_multi_constructor("!", _intrinsic)


@cache
def load() -> dict[str, Any]:
    """The whole template as written, without the defaults that SAM adds."""
    template: dict[str, Any] = yaml.load(PATH.read_text(), _Loader)  # noqa: S506 (a SafeLoader)
    return template


def functions() -> dict[str, Function]:
    """Every function of the template by name."""
    return {function.name: function for function in _functions()}


def seconds(expression: str) -> float:
    """The seconds of `rate(1 minute)`. Raises ValueError for other expressions, which the local stack does not run."""
    match = re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", expression)
    if not match:
        raise ValueError(f"the local stack runs rate(...) schedules only, not {expression!r}")
    return int(match[1]) * _SECONDS[match[2]]


def _functions() -> Iterator[Function]:
    for resource in load()["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            properties = resource["Properties"]
            yield Function(properties["Handler"], properties["Timeout"], _interval(properties))


def _interval(properties: dict[str, Any]) -> float | None:
    for event in properties.get("Events", {}).values():
        if event["Type"] == "ScheduleV2":
            return seconds(event["Properties"]["ScheduleExpression"])
    return None

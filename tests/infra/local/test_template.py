"""infra.local.template: the schedules that the local stack can run."""

import pytest

from infra.local import template


@pytest.mark.parametrize(
    ("expression", "expected"), [("rate(1 minute)", 60), ("rate(5 minutes)", 300), ("rate(2 hours)", 7200)]
)
def test_rates_are_read(expression: str, expected: float) -> None:
    assert template.seconds(expression) == expected


@pytest.mark.parametrize("expression", ["cron(0 * * * ? *)", "at(2030-01-01T00:00:00)", "rate(1 week)", "rate()"])
def test_other_schedules_are_refused_by_name(expression: str) -> None:
    with pytest.raises(ValueError, match=r"rate\(\.\.\.\) schedules only") as refusal:
        template.seconds(expression)
    assert expression in str(refusal.value)

"""The findings of the doctor as people and as programs read them."""

import json

from infra.doctor.check import Check, Finding, Status

MARKS = {Status.OK: "✅", Status.WARNING: "⚠️ ", Status.FAILED: "❌"}

Found = tuple[Check, Finding]


def line(check: Check, finding: Finding) -> str:
    """A finding as people read it."""
    text = f"{MARKS[finding.status]} {check.area + ': ' + check.name:<27} {finding.said}"
    return f"{text}\n   {'':<27} → {finding.do}" if finding.do else text


def summary(found: list[Found]) -> str:
    """How many findings there are of each status."""
    counts = {status: sum(finding.status is status for _, finding in found) for status in Status}
    return f"{counts[Status.OK]} fine, {counts[Status.WARNING]} to look at, {counts[Status.FAILED]} failed."


def as_json(found: list[Found]) -> str:
    """All findings, for programs."""
    rows = [
        {"area": check.area, "name": check.name, "status": str(f.status), "said": f.said, "do": f.do}
        for check, f in found
    ]
    return json.dumps({"healthy": is_healthy(found), "checks": rows}, indent=2, ensure_ascii=False)


def is_healthy(found: list[Found]) -> bool:
    """Did nothing fail?"""
    return all(finding.status is not Status.FAILED for _, finding in found)

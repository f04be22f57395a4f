"""What the tests of expire_drops share."""

from typing import Any

import pytest


class Killed(BaseException):
    """What the kill of a process looks like from inside."""


def counted(caplog: pytest.LogCaptureFixture) -> dict[str, Any]:
    """The fields of the line that a run logs of itself; there was one run."""
    (record,) = [record for record in caplog.records if record.message == "drops expired"]
    return vars(record)

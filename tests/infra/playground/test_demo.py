"""`make demo` plays its day to the end, and the books agree."""

import subprocess
import sys

from infra.local.environment import ROOT


def test_the_day_ends_well() -> None:
    demo = subprocess.run(
        [sys.executable, "-m", "infra.playground.demo"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert demo.returncode == 0, demo.stderr
    for line in (
        "This drop has ended: every claim was taken.",
        "3 of 3 claimed",
        "You have already checked in today.",
        "This drop has ended: its time was up.",
        "Your streak is 2 days.",
        "the schedule runs reset_streaks",
        "You got 12 RSNC for Photo of the day!",
        "You can earn Photo of the day again in 24 hours.",
        "+50 RSNC Welcome bonus,",
        "Most RSNC earned · All time",
        "They agree.",
    ):
        assert line in demo.stdout, demo.stdout

"""The tests, in the tree of what they test."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
EVENTS = sorted(ROOT.glob("tests/events/*.json"))

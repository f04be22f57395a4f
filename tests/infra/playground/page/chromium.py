"""The browser: a chromium that is on this machine already."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = ["no-sandbox", "disable-gpu", "no-first-run", "disable-sync"]
QUIET += ["disable-background-networking", "disable-component-update"]


def program() -> str | None:
    """Where it is, if it is here."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def launched() -> Iterator[Browser]:
    """It runs without a window and asks nobody but the page."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(), args=[f"--{flag}" for flag in QUIET])
        yield browser
        browser.close()

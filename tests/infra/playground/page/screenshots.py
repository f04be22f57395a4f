"""The README's pictures, of a stack that is there for them. A font with emoji must be there, too.

`python -m tests.infra.playground.page.screenshots infra/playground/images`
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from playwright.sync_api import Browser, FilePayload

from infra.local.stack import Stack
from infra.playground.server.app import Playground
from tests.infra.playground.page import chromium
from tests.infra.playground.page.desk import Desk, PageWatch
from tests.infra.playground.page.png import painted, smaller

DESK = {"viewport": {"width": 1200, "height": 720}}
IMAGE = (480, 100)
PHONE = {"viewport": {"width": 375, "height": 720}, "is_mobile": True, "has_touch": True}


def main() -> int:
    """Take them all into a folder."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="resonance-") as directory, Stack(Path(directory)) as stack:
        stack.schedules.stop()  # schedules run only when the script says so
        with Playground(stack) as playground, chromium.launched() as browser:
            take(browser, playground.url, folder)
    return 0


def take(browser: Browser, url: str, folder: Path) -> None:
    """Play a short story and stop at what is worth a picture."""
    desk = sit_down(browser, url, DESK, "dark")
    desk.connect()
    desk.add_event("community_call", label="Community call")
    desk.page.get_by_role("button", name="Put the first steps away").click()
    desk.go("drops")
    desk.say("Who was at the community call?")
    post_drop(desk, event="community_call", max_claims="100", title="Thank you for coming!", label="I was there")
    desk.be("Alice")
    claim(desk, "I was there")
    desk.tab("Changed rows")
    picture(desk, folder / "playground-drop.png")

    desk.be("Ada")
    crowd = desk.tab("Crowd")
    crowd.get_by_label("Members").fill("300")
    crowd.get_by_role("button", name="Let them click").click()
    crowd.get_by_text("300 of 300").wait_for()
    picture(desk, folder / "playground-crowd.png")

    other = sit_down(browser, desk.page.url, DESK, "light")
    other.menu_of(other.message("Who was at the community call?").first)
    other.page.get_by_role("menuitem", name="Make this a drop").click()
    other.page.get_by_role("combobox", name="Event").click()
    picture(other, folder / "playground-form.png")

    desk.go("bot-commands")
    post_drop(desk, event="news_tracker", max_claims="20", title="Land in sight", label="Grab it")
    desk.be("Alice")
    phone = sit_down(browser, desk.page.url, PHONE, "light")
    phone.page.get_by_role("button", name="Put the first steps away").click()
    claim(phone, "Grab it")
    picture(phone, folder / "playground-phone.png")


def post_drop(desk: Desk, **options: str) -> None:
    """Post a drop with a look of its own."""
    desk.type("drop create", **options, emoji="🎁", colour="Gold")
    desk.page.get_by_label("Add an option").fill("image")
    desk.page.get_by_label("Add an option").press("Enter")
    with desk.page.expect_file_chooser() as chooser:
        desk.field("image").click()
    with desk.page.expect_response("**/api/files"):
        chooser.value.set_files(FilePayload(name="tide.png", mimeType="image/png", buffer=painted(*IMAGE)))
    desk.page.get_by_role("button", name="Send").click()
    desk.message("The drop is in").wait_for()


def sit_down(browser: Browser, url: str, kind: dict[str, Any], scheme: Literal["dark", "light"]) -> Desk:
    """The page in a new window."""
    page = browser.new_context(**kind, color_scheme=scheme, locale="en-GB", reduced_motion="reduce").new_page()
    page.goto(url)
    page.locator("body:not([aria-busy])").wait_for()
    return Desk(page, PageWatch(url))


def claim(desk: Desk, label: str) -> None:
    """Press the button of the newest drop."""
    desk.drop.get_by_role("button", name=label).click()
    desk.message("You got").wait_for()


def picture(desk: Desk, path: Path) -> None:
    """Take a picture when the fonts and the last frame are there."""
    desk.page.evaluate("() => document.fonts.ready.then(() => new Promise(requestAnimationFrame))")
    path.write_bytes(smaller(desk.page.screenshot()))
    print(path, f"{path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    sys.exit(main())

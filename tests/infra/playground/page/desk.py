"""The page as somebody uses it who sees it: what they type, press and read."""

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Locator, Page, Request, Response

LEFT = "net::ERR_ABORTED"  # the page was left while it asked


@dataclass
class PageWatch:
    """What goes wrong behind a page: errors of its scripts, requests that fail, and requests to anybody else."""

    url: str
    complaints: list[str] = field(default_factory=list)
    sent: list[Request] = field(default_factory=list)

    def over(self, page: Page) -> None:
        """Look at a page from now on."""
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(f"a script failed: {error}"))
        page.on("request", self._asked)
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type} in the console: {message.text}")

    def _asked(self, request: Request) -> None:
        self.sent.append(request)
        address = urlsplit(request.url)
        if address.scheme != "data" and f"{address.scheme}://{address.netloc}" != self.url:
            self.complaints.append(f"asked somebody else: {request.url}")

    def _failed(self, request: Request) -> None:
        if request.failure != LEFT and request.resource_type != "eventsource":  # these end with the page
            self.complaints.append(f"failed: {request.url} {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.complaints.append(f"answered {response.status}: {response.url}")


@dataclass
class Desk:
    """The page in a browser's window."""

    page: Page
    watch: PageWatch

    def open(self) -> "Desk":
        """Go to the page, and wait until it has everything."""
        self.page.goto(self.watch.url)
        self.page.locator("body:not([aria-busy])").wait_for()
        return self

    def be(self, name: str) -> None:
        """Be another member, and see what they see."""
        with self.page.expect_response("**/api/messages?*"):
            self.page.locator(".member", has_text=name).click()

    def go(self, channel: str) -> None:
        """Look at another channel of this server."""
        with self.page.expect_response("**/api/messages?*"):
            self.page.get_by_role("navigation", name="Channels").get_by_role("button", name=channel).click()

    def type(self, command: str, **options: str) -> None:
        """Type a command and its options, `_` for `-`, without sending it."""
        self.page.locator("#say").fill(f"/{command} ")
        for name, value in options.items():
            self._fill(name, value)

    def command(self, command: str, **options: str) -> None:
        """Send a command, and wait until the bot has answered."""
        self.type(command, **options)
        with self.page.expect_response("**/api/act"):
            self.page.get_by_role("button", name="Send").click()

    def say(self, content: str) -> None:
        """Write a message."""
        self.page.locator("#say").fill(content)
        self.page.locator("#say").press("Enter")
        self.message(content).wait_for()

    def world(self) -> dict[str, Any]:
        """The world as the page gets it."""
        world: dict[str, Any] = self.page.request.get(f"{self.watch.url}/api/world").json()
        return world

    def brand(self) -> dict[str, str]:
        """The brand that the page offers, with its connect key."""
        return dict(self.world()["brand"])

    def connect(self) -> None:
        """Connect the server to a brand."""
        self.command("setup connect")
        form = self.page.get_by_role("dialog", name="Connect this server")
        form.get_by_label("Brand id").fill(self.brand()["id"])
        form.get_by_label("Key").fill(self.brand()["key"])
        form.get_by_role("button", name="Submit").click()
        form.wait_for(state="detached")
        self.message("This server is connected").wait_for()

    def add_event(self, name: str, **options: str) -> None:
        """Add an event that pays 15 RSNC."""
        self.command("config events create", name=name, reward="15", **options)
        self.message("15 RSNC").last.wait_for()

    def post_drop(self, event: str, **options: str) -> Locator:
        """Post a drop, and wait for its message."""
        self.command("drop create", event=event, **options)
        self.message("The drop is in").last.wait_for()
        return self.drop

    @property
    def drop(self) -> Locator:
        """The newest message of a drop."""
        return self.page.locator("discord-message", has=self.page.locator(".part-button")).last

    def message(self, text: str) -> Locator:
        """The messages that have a text."""
        return self.page.locator("discord-message", has_text=text)

    def field(self, option: str) -> Locator:
        """Where an option of the command is typed."""
        return self.page.locator("#composer").get_by_label(re.compile(f"^{option.replace('_', '[-_]')}$"))

    def suggestion(self, text: str) -> Locator:
        """What the list above the command box offers."""
        return self.page.locator("#suggestions").get_by_role("option").filter(has_text=text)

    def tab(self, name: str) -> Locator:
        """Open a tab of the panel; gives what is in it."""
        self.page.get_by_role("tab", name=name).click()
        return self.page.get_by_role("tabpanel", name=name)

    def menu_of(self, message: Locator) -> None:
        """Open the menu of a message."""
        message.hover()
        message.get_by_role("button", name="More").click()

    def acts(self) -> int:
        """How many interactions the page has sent."""
        return sum(request.url.endswith("/api/act") for request in self.watch.sent)

    def _fill(self, option: str, value: str) -> None:
        if not self.field(option).count():
            self.page.get_by_label("Add an option").fill(option.replace("_", "-"))
            self.page.get_by_label("Add an option").press("Enter")
        self.field(option).fill(value)
        if self.field(option).get_attribute("role") == "combobox":
            self.suggestion(value).first.click()

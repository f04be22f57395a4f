"""The page as a whole: widths, themes, two windows at once, a stack that goes away, and the import map."""

from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from infra.local.stack import Stack
from infra.playground.server.app import Playground
from tests.infra.playground.page.conftest import Open
from tests.infra.playground.page.desk import Desk

PHONE = {"viewport": {"width": 375, "height": 740}, "is_mobile": True, "has_touch": True}
WIDER_THAN_THE_WINDOW = """() => [...document.querySelectorAll("body *")]
    .filter((element) => element.getBoundingClientRect().right > innerWidth + 1 && element.checkVisibility()
        && !element.closest(".sr-only, .json"))
    .map((element) => element.tagName + "." + element.className)"""

# The contrast of what is read most, as WCAG computes it.
CONTRAST = """() => {
    const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    const parts = (colour) => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const light = ([r, g, b]) => [r, g, b].map((part) => part / 255)
        .map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
        .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
    const behind = (element) => {
        const colour = parts(getComputedStyle(element).backgroundColor);
        return colour[3] < 255 ? behind(element.parentElement) : colour;
    };
    const ratio = (element) => {
        const both = [light(parts(getComputedStyle(element).color)), light(behind(element))].sort((a, b) => b - a);
        return (both[0] + 0.05) / (both[1] + 0.05);
    };
    const read = "#world :is(button, .name, small, dt, dd, legend), #channel-header *, #time *, .tabs button, code";
    return [...document.querySelectorAll(read)]
        .filter((element) => element.checkVisibility() && element.textContent.trim() && ratio(element) < 4.5)
        .map((element) => `${element.localName} ${element.textContent} ${ratio(element).toFixed(2)}`);
}"""


def test_nothing_is_wider_than_a_phone(open_desk: Open) -> None:
    desk = open_desk(**PHONE)
    desk.connect()
    desk.post_drop("news_tracker", description="x" * 200)
    views = desk.page.get_by_role("group", name="What is seen")
    for view in ("Servers", "Panel", "Channel"):
        views.get_by_role("button", name=view).click()
        assert desk.page.evaluate(WIDER_THAN_THE_WINDOW) == []
        assert desk.page.evaluate("document.documentElement.scrollWidth") == 375
    desk.type(
        "drop create", label="A rather long label", description="And a description that is longer still, and more"
    )
    assert desk.page.evaluate(WIDER_THAN_THE_WINDOW) == []


def test_a_drop_is_claimed_on_a_phone(open_desk: Open) -> None:
    desk = open_desk(**PHONE)
    desk.connect()
    desk.post_drop("news_tracker")
    views = desk.page.get_by_role("group", name="What is seen")
    views.get_by_role("button", name="Servers").tap()
    desk.be("Alice")
    views.get_by_role("button", name="Channel").tap()
    desk.drop.get_by_role("button", name="Claim").tap()
    expect(desk.message("You got 5 RSNC!")).to_be_in_viewport()
    views.get_by_role("button", name="Panel").tap()
    expect(desk.page.get_by_role("tabpanel", name="Last interaction")).to_contain_text("Button: Claim by Alice")


def expect_light(feed: Locator, is_light: bool) -> None:
    has = expect(feed).to_have_attribute if is_light else expect(feed).not_to_have_attribute
    has("light-theme", "")


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_both_themes_can_be_read(open_desk: Open, scheme: Any) -> None:
    desk = open_desk(color_scheme=scheme, viewport={"width": 1440, "height": 900})
    other = "light" if scheme == "dark" else "dark"
    desk.connect()
    feed, root = desk.page.locator("discord-messages"), desk.page.locator("html")
    expect(root).to_have_attribute("data-theme", scheme)
    assert desk.page.evaluate(CONTRAST) == []
    expect_light(feed, scheme == "light")
    desk.page.get_by_role("button", name=f"Use the {other} theme").click()
    expect(root).to_have_attribute("data-theme", other)
    expect_light(feed, other == "light")
    desk.page.reload()
    expect(root).to_have_attribute("data-theme", other)


def test_two_windows_see_the_same(open_desk: Open) -> None:
    one, other = open_desk(), open_desk()
    other.be("Alice")
    one.connect()
    one.post_drop("news_tracker", max_claims="1")
    other.drop.get_by_role("button", name="Claim").click()
    expect(other.message("You got 5 RSNC!")).to_be_visible()
    expect(one.message("You got 5 RSNC!")).to_have_count(0)
    for desk in (one, other):
        expect(desk.drop).to_contain_text("every claim was taken")
        expect(desk.drop.get_by_role("button", name="Sold out")).to_be_disabled()


def test_who_and_where_one_is_outlasts_a_reload(desk: Desk) -> None:
    desk.page.get_by_role("button", name="Lighthouse").click()
    desk.go("no-embeds")
    desk.be("Dmitri")
    desk.page.reload()
    expect(desk.page.get_by_role("heading", name="no-embeds", exact=True)).to_be_visible()
    expect(desk.page.get_by_text("Resonance lacks Embed Links here")).to_be_visible()
    expect(desk.page.get_by_role("radio", name="Dmitri")).to_be_checked()


def test_a_stack_that_stops_is_told_and_found_again(stack: Stack, playground: Playground, desk: Desk) -> None:
    desk.say("Before")
    port = int(desk.watch.url.rpartition(":")[2])
    banner = desk.page.get_by_text("The stack does not answer.")
    playground.__exit__()
    expect(banner).to_be_visible()
    desk.watch.complaints.clear()
    with Playground(stack, port):
        expect(banner).to_be_hidden()
        expect(desk.message("Before")).to_be_visible()
    desk.watch.complaints.clear()


def test_nothing_but_the_page_itself_is_run(desk: Desk) -> None:
    policy = desk.page.evaluate("async () => (await fetch('/')).headers.get('content-security-policy')")
    assert "default-src 'none'" in policy
    assert "'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0]

"""The page as a whole: widths, themes, two windows at once, a stack that goes away, and the import map."""

import re
from contextlib import closing
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Route, expect

from infra.local.stack import Stack
from infra.playground.server.app import Playground
from tests.infra.playground.page.bot import Bot
from tests.infra.playground.page.conftest import Open
from tests.infra.playground.page.contrast import too_weak
from tests.infra.playground.page.desk import Desk

PHONE = {"viewport": {"width": 375, "height": 740}, "is_mobile": True, "has_touch": True}
TOP = "element => element.getBoundingClientRect().top"
WIDER_THAN_THE_WINDOW = """() => [...document.querySelectorAll("body *")]
    .filter((element) => element.getBoundingClientRect().right > innerWidth + 1 && element.checkVisibility()
        && !element.closest(".sr-only, .json"))
    .map((element) => element.tagName + "." + element.className)"""


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


def test_a_clock_that_is_ahead_leaves_its_buttons_in_a_row(open_desk: Open) -> None:
    desk = open_desk(**PHONE)
    desk.page.get_by_role("button", name="+ 1 day").click()
    expect(desk.page.locator("#time")).to_contain_text("1 day ahead")
    assert len({button.evaluate(TOP) for button in desk.page.locator("#time button").all()}) == 1
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


CODE = """() => {
    const [red, green, blue] = getComputedStyle(document.body).getPropertyValue("--code").match(/\\w\\w/g);
    return `rgb(${[red, green, blue].map((part) => parseInt(part, 16)).join(", ")})`;
}"""
COLOURS = "element => [getComputedStyle(element).color, getComputedStyle(element).backgroundColor]"


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
    for role in desk.page.locator(".role").all():  # a role's colour is that of the name and of the mention
        with desk.page.expect_response("**/api/members/*"):
            role.click()
    desk.type("drop create", label="A chip")
    assert too_weak(desk.page) == []
    expect_light(feed, scheme == "light")
    desk.page.get_by_role("button", name=f"Use the {other} theme").click()
    expect(root).to_have_attribute("data-theme", other)
    expect_light(feed, other == "light")
    assert too_weak(desk.page) == []
    desk.page.reload()
    expect(root).to_have_attribute("data-theme", other)


def test_what_stands_above_a_reply_has_the_colours_of_its_theme(desk: Desk, bot: Bot) -> None:
    desk.connect()
    desk.command("help")
    bot.post(content="<#910000000000000011> `/daily`")
    command, mention = desk.page.locator(".discord-slash-command-name").last, desk.page.locator("discord-mention").last
    for scheme in ("dark", "light"):
        expect(desk.page.locator("html")).to_have_attribute("data-theme", scheme)
        assert command.evaluate(COLOURS) == mention.evaluate(COLOURS)
        assert desk.page.locator("discord-code code").last.evaluate(COLOURS)[1] == desk.page.evaluate(CODE)
        desk.page.locator("#theme button").click()


def test_a_mention_is_not_broken_and_a_foot_not_cut(open_desk: Open, bot: Bot) -> None:
    desk = open_desk(**PHONE)
    bot.post(content=" ".join(["in <#910000000000000011>"] * 12), embeds=[{"footer": {"text": "x" * 100}}])
    mentions = desk.page.locator("discord-mention")
    expect(mentions).to_have_count(12)
    assert all(mention.evaluate("mention => mention.getClientRects().length") == 1 for mention in mentions.all())
    assert desk.page.locator(".embed-footer").evaluate("foot => foot.scrollWidth - foot.clientWidth") == 0


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
        expect(desk.page.get_by_text("The stack is back")).to_be_visible()
        expect(desk.message("Before")).to_be_visible()
        desk.say("After")
    desk.watch.complaints.clear()


def test_who_one_is_outlasts_a_restart_by_name(stack: Stack, playground: Playground, desk: Desk) -> None:
    desk.be("Newton")  # has another id at every start
    port = playground.port
    playground.__exit__()
    with Playground(stack, port):
        expect(desk.page.get_by_text("The stack is back")).to_be_visible()
        expect(desk.page.get_by_role("radio", name="Newton")).to_be_checked()
        desk.watch.complaints.clear()
        desk.say("Still me")


def test_the_first_steps_get_ticks_and_stay(desk: Desk) -> None:
    steps = desk.page.get_by_role("region", name="First steps")
    expect(steps).to_contain_text("0 of 4 done")
    desk.page.locator("#say").fill(f"/setup connect brand_id:{desk.brand()['id']} key:wrong")
    desk.page.get_by_role("button", name="Send").click()
    desk.message("Only you can see this").wait_for()
    expect(steps).to_contain_text("0 of 4 done")
    desk.connect()
    expect(steps.get_by_role("button", name="Connect this server (done)")).to_be_visible()
    desk.command("help")
    desk.command("daily")
    expect(steps).to_contain_text("3 of 4 done")
    desk.page.reload()
    expect(steps).to_contain_text("3 of 4 done")
    desk.page.get_by_role("button", name="Lighthouse").click()
    expect(steps).to_contain_text("0 of 4 done")
    desk.page.get_by_role("button", name="Harbour").click()
    steps.get_by_role("button", name="Post a drop").click()
    desk.page.get_by_role("button", name="Leave /drop create").click()
    desk.post_drop("news_tracker")
    expect(steps).to_contain_text("4 of 4 done")
    desk.go("drops")
    expect(steps).to_be_hidden()


def test_a_step_that_somebody_else_took_is_ticked(open_desk: Open) -> None:
    one, other = open_desk(), open_desk()
    one.connect()
    for desk in (one, other, open_desk()):
        expect(desk.page.get_by_role("button", name="Connect this server (done)")).to_be_visible()


def test_only_the_reader_puts_the_first_steps_away(desk: Desk) -> None:
    steps = desk.page.get_by_role("region", name="First steps")
    desk.say("Hello")
    desk.go("drops")
    expect(steps).to_be_visible()
    steps.get_by_role("button", name="Put the first steps away").click()
    expect(steps).to_be_hidden()
    desk.page.reload()
    expect(desk.page.get_by_role("heading", name="drops", exact=True)).to_be_visible()
    expect(steps).to_be_hidden()


TO_THE_TOP = "element => element.scrollTo(0, -element.scrollHeight)"  # it counts from its end
TELL_OF_NO_SCROLL = "() => addEventListener('scroll', (event) => event.stopImmediatePropagation(), true)"


def test_what_comes_below_the_fold_is_announced(open_desk: Open, bot: Bot) -> None:
    desk = open_desk(viewport={"width": 1200, "height": 600})
    bot.everything()
    newest = desk.page.locator("discord-message").last
    expect(newest.get_by_role("link", name="Download")).to_be_in_viewport()  # pictures came later, and the end is seen
    messages, pill = desk.page.locator("#messages"), desk.page.get_by_role("status").get_by_role("button")
    messages.evaluate(TO_THE_TOP)
    bot.post(content="One")
    expect(pill).to_have_text("New message ↓")
    bot.post(content="Two")
    expect(pill).to_have_text("2 new messages ↓")
    expect(desk.message("Two")).not_to_be_in_viewport()
    pill.click()
    expect(desk.message("Two")).to_be_in_viewport()
    expect(pill).to_have_count(0)
    messages.evaluate(TO_THE_TOP)
    desk.page.locator("discord-message").first.get_by_role("combobox").first.click()
    desk.page.get_by_role("option", name="Drops").click()
    desk.page.keyboard.press("Escape")
    expect(pill).to_have_text("New message ↓")  # the reply to something above
    expect(desk.page.locator("discord-message").first).to_be_in_viewport()
    messages.evaluate("element => element.scrollTo(0, 0)")
    expect(pill).to_have_count(0)
    messages.evaluate(TO_THE_TOP)
    desk.command("help")  # the reply to a command is scrolled to
    expect(desk.page.locator("discord-message").last).to_be_in_viewport()
    expect(pill).to_have_count(0)


def test_what_the_reader_sees_decides_whether_a_message_is_announced(open_desk: Open, bot: Bot) -> None:
    desk = open_desk(viewport={"width": 1200, "height": 600})
    bot.everything()
    expect(desk.page.locator("discord-message").last.get_by_role("link", name="Download")).to_be_in_viewport()
    first, pill = desk.page.locator("discord-message").first, desk.page.get_by_role("status").get_by_role("button")
    desk.page.evaluate(TELL_OF_NO_SCROLL)  # browsers tell of it a moment later, when a message may have come
    desk.page.locator("#messages").evaluate(TO_THE_TOP)
    before = first.evaluate(TOP)
    bot.post(content="One\n" * 20)
    expect(pill).to_have_text("New message ↓")
    assert first.evaluate(TOP) == pytest.approx(before, abs=1)  # what is read does not move
    pill.click()
    bot.post(content="Two\n" * 20)
    expect(desk.message("Two")).to_be_visible()
    expect(desk.page.locator("discord-message").last.get_by_text("Two").last).to_be_in_viewport()
    expect(pill).to_have_count(0)


def test_what_is_said_while_the_page_opens_is_shown(browser: Browser, playground: Playground, bot: Bot) -> None:
    def say_first(route: Route) -> None:
        bot.post(content="Early")
        route.continue_()

    with closing(browser.new_page()) as page:
        page.route("**/api/events", say_first)
        page.goto(playground.url)
        expect(page.get_by_text("Early")).to_be_visible()


def test_what_is_said_while_a_channel_is_read_is_shown_unless_it_was_taken_back(desk: Desk, bot: Bot) -> None:
    desk.go("drops")
    before = bot.post(content="Before")

    def say_meanwhile(route: Route) -> None:
        answer = route.fetch()
        bot.delete(before)
        bot.delete(bot.post(content="Taken back"))
        bot.post(content="Meanwhile")
        desk.page.wait_for_timeout(300)  # the page hears of it before it has read the channel
        route.fulfill(response=answer)

    desk.page.route("**/api/messages?*", say_meanwhile)
    desk.go("general")
    expect(desk.message("Meanwhile")).to_be_visible()
    expect(desk.message("Taken back")).to_have_count(0)
    expect(desk.message("Before")).to_have_count(0)


def test_times_are_those_of_the_stack_in_the_zone_of_the_reader(open_desk: Open, bot: Bot, stack: Stack) -> None:
    desk = open_desk(timezone_id="Asia/Tokyo")
    bot.post(content="At <t:1900000000:F>")
    time = desk.page.locator("discord-time")
    expect(time).to_have_text(re.compile("Monday,? 18 March 2030 at 02:46"))
    expect(time).to_have_attribute("title", re.compile(r"Monday,? 18 March 2030 at 02:46:40 GMT\+9"))
    expect(desk.page.locator("#time")).to_contain_text("GMT+9")
    desk.page.get_by_role("button", name="+ 1 day").click()
    expect(desk.message("At")).to_contain_text("Yesterday at")
    desk.say("Later")
    expect(desk.message("Later")).to_contain_text("Today at")
    bot.post(content=f"In <t:{int(stack.now()) + 7230}:R>")
    expect(time.last).to_have_text("in 2 hours")


def test_nothing_but_the_page_itself_is_run(desk: Desk) -> None:
    policy = desk.page.evaluate("async () => (await fetch('/')).headers.get('content-security-policy')")
    assert "default-src 'none'" in policy
    assert "'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0]

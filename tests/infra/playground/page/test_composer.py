"""The command box in the browser: lists, options, what Discord would refuse, and all of it by keyboard."""

import json
import re

from playwright.sync_api import Route, expect

from tests.infra.playground.page.desk import Desk


def test_commands_are_listed_as_one_types(desk: Desk) -> None:
    say = desk.page.locator("#say")
    say.fill("/drop c")
    expect(desk.suggestion("")).to_have_count(2)
    expect(say).to_have_attribute("aria-expanded", "true")
    say.press("ArrowDown")
    active = desk.page.locator(f"#{say.get_attribute('aria-activedescendant')}")
    expect(active).to_contain_text("/drop cancel")
    expect(active).to_have_attribute("aria-selected", "true")
    say.press("Escape")
    expect(desk.page.locator("#suggestions")).to_be_hidden()
    expect(say).to_have_attribute("aria-expanded", "false")
    say.fill("/nothing like it")
    expect(desk.page.locator("#suggestions")).to_contain_text("No command fits.")
    say.press("Enter")
    expect(desk.page.get_by_role("alert")).to_contain_text("There is no command /nothing like it")
    assert desk.acts() == 0


def test_autocomplete_is_asked_from_the_bot(desk: Desk) -> None:
    desk.connect()
    desk.type("drop create")
    desk.page.get_by_label("Add an option").fill("event")
    desk.page.get_by_label("Add an option").press("Enter")
    expect(desk.suggestion("")).to_have_count(4)
    desk.field("event").fill("regular")
    expect(desk.suggestion("")).to_have_text(["Regular engagement (regular_engagement)"])
    desk.field("event").press("Tab")
    expect(desk.field("event")).to_have_value("Regular engagement (regular_engagement)")
    expect(desk.page.get_by_label("Add an option")).to_be_focused()
    desk.page.keyboard.press("Enter")
    expect(desk.drop).to_contain_text("Regular engagement")


def test_a_late_answer_does_not_replace_a_newer_one(desk: Desk) -> None:
    desk.connect()
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        asked = json.loads(route.request.post_data or "")
        if asked.get("options", {}).get("event") == "news":
            held.append(route)
        else:
            route.continue_()

    desk.page.route("**/api/act", hold_the_first)
    desk.type("drop create", event="welcome")
    field = desk.field("event")
    with desk.page.expect_request(lambda request: '"event":"news"' in (request.post_data or "")):
        field.fill("news")
    field.fill("regular")
    expect(desk.suggestion("")).to_have_text(["Regular engagement (regular_engagement)"])
    with desk.page.expect_response("**/api/act"):
        held[0].continue_()
    desk.page.evaluate("() => new Promise(requestAnimationFrame)")
    expect(desk.suggestion("")).to_have_text(["Regular engagement (regular_engagement)"])


def test_what_discord_would_refuse_is_not_sent(desk: Desk) -> None:
    desk.type("setup disconnect")
    desk.field("confirm").press("Enter")
    expect(desk.page.get_by_role("alert")).to_have_text("confirm is required.")
    expect(desk.field("confirm")).to_be_focused()
    expect(desk.field("confirm")).to_have_attribute("aria-invalid", "true")
    desk.page.keyboard.press("Escape")
    expect(desk.page.locator("#say")).to_be_focused()
    for options, refusal in [
        ({"max_claims": "0"}, "max-claims must be at least 1."),
        ({"max_claims": "1.5"}, "max-claims must be a whole number."),
        ({"reward": "10001"}, "reward must be at most 10,000."),
        ({"label": "x" * 81}, "label must have at most 80 characters."),
    ]:
        desk.type("drop create", **options)
        desk.page.get_by_role("button", name="Send").click()
        expect(desk.page.get_by_role("alert")).to_have_text(refusal)
        desk.page.keyboard.press("Escape")
    desk.type("export")
    desk.field("type").fill("nonsense")
    expect(desk.page.locator("#suggestions")).to_contain_text("Nothing on the list fits.")
    desk.field("type").press("Enter")
    expect(desk.page.get_by_role("alert")).to_have_text("type: choose one from the list.")
    assert desk.acts() == 0


def test_members_channels_and_switches_are_chosen_from_the_world(desk: Desk) -> None:
    desk.connect()
    desk.command("config events create", name="quest", reward="15", claimable="True")
    desk.command("reward give", member="Bob", event="quest")
    expect(desk.message("Bob").last).to_contain_text("15 RSNC")
    desk.command("drop create", event="quest", channel="#drops")
    expect(desk.message("The drop is in").last).to_contain_text("drops")
    expect(desk.page.get_by_role("button", name=re.compile("drops.*new messages"))).to_be_visible()
    desk.message("The drop is in").last.get_by_role("button", name=re.compile("# drops .* message")).click()
    expect(desk.page.get_by_role("heading", name="drops", exact=True)).to_be_visible()
    expect(desk.drop).to_contain_text("quest")


def test_the_first_step_fills_the_brand_and_its_key_in(desk: Desk) -> None:
    desk.page.get_by_role("button", name="Connect this server").click()
    expect(desk.field("brand_id")).to_have_value(desk.brand()["id"])
    expect(desk.field("key")).to_have_value(desk.brand()["key"])
    desk.page.get_by_role("button", name="Send").click()
    expect(desk.message("This server is connected")).to_be_visible()


def test_from_the_slash_to_the_claim_by_keyboard_alone(desk: Desk) -> None:
    keyboard = desk.page.keyboard
    desk.connect()
    desk.open()
    keyboard.press("Tab")
    expect(desk.page.get_by_role("link", name="Skip to the command box")).to_be_focused()
    keyboard.press("Enter")
    expect(desk.page.locator("#say")).to_be_focused()
    keyboard.type("/drop create")
    keyboard.press("Tab")
    keyboard.type("event")
    keyboard.press("Enter")
    keyboard.type("news")
    expect(desk.suggestion("")).to_have_text(["News tracker (news_tracker)"])
    keyboard.press("Enter")
    keyboard.press("Enter")
    desk.message("The drop is in").wait_for()
    expect(desk.page.locator("#say")).to_be_focused()
    claim = desk.drop.get_by_role("button", name="Claim")
    while not claim.evaluate("button => button.getRootNode().activeElement === button"):
        keyboard.press("Shift+Tab")
    keyboard.press("Enter")
    expect(desk.message("You got 5 RSNC!")).to_be_visible()
    expect(claim).to_be_focused()
    keyboard.press("Enter")
    expect(desk.message("You already have this one")).to_be_visible()


def test_backspace_goes_back(desk: Desk) -> None:
    desk.type("drop create", label="Hi")
    desk.page.get_by_label("Add an option").press("Backspace")
    expect(desk.field("label")).to_be_focused()
    desk.field("label").fill("")
    desk.field("label").press("Backspace")
    expect(desk.field("label")).to_have_count(0)
    desk.page.keyboard.press("Backspace")
    expect(desk.page.locator("#say")).to_be_focused()
    expect(desk.page.locator("#say")).to_have_value("")

"""The command box in the browser: lists, options, what Discord would refuse, and all of it by keyboard."""

import json
import re

import pytest
from playwright.sync_api import FilePayload, Route, expect

from tests.drops import PNG
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


def test_what_is_typed_faster_than_the_list_comes_is_kept(desk: Desk) -> None:
    desk.connect()
    desk.type("drop create")
    desk.page.get_by_label("Add an option").fill("event")
    desk.page.get_by_label("Add an option").press("Enter")
    expect(desk.suggestion("")).to_have_count(4)
    desk.page.route(
        "**/api/act", lambda route: None if '"autocomplete"' in (route.request.post_data or "") else route.continue_()
    )
    desk.page.keyboard.type("news_tracker lifespn:5m")
    desk.page.keyboard.press("Enter")
    expect(desk.message("There is no event")).to_contain_text("news_tracker lifespn:5m")
    expect(desk.drop).to_have_count(0)


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


def paste(desk: Desk, text: str) -> None:
    """Paste into the field that has the focus."""
    desk.page.evaluate(
        """(text) => {
            const data = new DataTransfer();
            data.setData("text", text);
            const pasted = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
            if (document.activeElement.dispatchEvent(pasted)) document.execCommand("insertText", false, text);
        }""",
        text,
    )


def chips(desk: Desk) -> dict[str, str]:
    """The options in the command box, and what is in them."""
    found = desk.page.locator(".chip").all()
    return {chip.locator("label").inner_text(): chip.locator("input").input_value() for chip in found}


def test_a_command_is_pasted_as_the_readme_writes_it(desk: Desk) -> None:
    desk.connect()
    desk.add_event("quest_complete")
    desk.page.locator("#say").focus()
    paste(
        desk, "/drop create event:quest_complete lifespan:2h\nmax-claims:3 description:First come: first! channel:<#0>"
    )
    assert chips(desk) == {
        "event": "quest_complete",
        "lifespan": "2h",
        "max-claims": "3",
        "description": "First come: first!",
        "channel": "<#0>",
    }
    expect(desk.page.get_by_role("alert")).to_have_text("channel: choose one from the list.")
    expect(desk.field("channel")).to_be_focused()
    expect(desk.field("channel")).to_have_attribute("aria-invalid", "true")
    desk.field("channel").fill("")
    desk.field("channel").press("Backspace")
    desk.page.get_by_role("button", name="Send").click()
    expect(desk.drop).to_contain_text("First come: first!")
    expect(desk.drop).to_contain_text("0 of 3 claimed")


TAKEN = {
    "/config member disable member:<@{bob}>": {"member": "Bob"},
    "/config member disable member:@bob": {"member": "Bob"},
    "/drop create channel:<#910000000000000012> max_claims:5": {"channel": "#drops", "max-claims": "5"},
    "/drop create channel:drops": {"channel": "#drops"},
    "/config role-bonus set role:<@&930000000000000003>": {"role": "@VIP"},
    "/config role-bonus set role:vip": {"role": "@VIP"},
    "/config events create claimable:true name:quest": {"claimable": "True", "name": "quest"},
    "/export type:audit": {"type": "Audit log"},
    "/export type:audit log": {"type": "Audit log"},
    "/help": {},
}


def test_mentions_names_and_choices_are_understood(desk: Desk) -> None:
    (bob,) = [member for member in desk.world()["members"] if member["name"] == "Bob"]
    for text, options in TAKEN.items():
        desk.page.locator("#say").fill("")
        paste(desk, f"{text.format(bob=bob['id'])} ")
        assert options.items() <= chips(desk).items(), text
        expect(desk.page.get_by_role("alert")).to_have_count(0)
        desk.page.get_by_role("button", name="Leave /").click()


def test_a_command_is_typed_as_the_readme_writes_it(desk: Desk) -> None:
    desk.connect()
    desk.add_event("quest")
    desk.page.locator("#say").focus()
    desk.page.keyboard.type("/drop create event:quest lifespan:5m label:Mine, all mine")
    assert chips(desk) == {"event": "quest", "lifespan": "5m", "label": "Mine, all mine"}
    desk.page.keyboard.press("Enter")
    expect(desk.drop.get_by_role("button", name="Mine, all mine")).to_be_visible()
    desk.page.keyboard.type("/setup disconnect confirm:True")  # a required option has its field already
    assert chips(desk) == {"confirm": "True"}


def test_nothing_typed_is_lost(desk: Desk) -> None:
    desk.page.locator("#say").focus()
    paste(desk, "/daily amount:5")
    alert, tail = desk.page.get_by_role("alert"), desk.page.get_by_label("Add an option")
    expect(alert).to_have_text("“amount:5” belongs to no option of /daily. It has none.")
    expect(tail).to_have_value("amount:5")
    desk.page.get_by_label("Close").click()
    tail.press("Enter")
    expect(alert).to_contain_text("belongs to no option of /daily")
    assert desk.acts() == 0
    desk.page.get_by_role("button", name="Leave /daily").click()
    paste(desk, "/drop create event:quest lifespan:5m lable:Mine description:Come: now, https://a.example")
    expect(alert).to_contain_text("“lable:Mine” belongs to no option of /drop create. Its options: event,")
    assert chips(desk)["lifespan"] == "5m lable:Mine"
    desk.page.get_by_role("button", name="Leave /drop create").click()
    paste(desk, "/daily amount:5")
    desk.page.locator("#steps").get_by_role("button", name="Post a drop").click()
    expect(alert).to_have_text("Send what you have typed first, or remove it.")
    expect(tail).to_have_value("amount:5")
    desk.page.get_by_role("button", name="Leave /daily").click()
    desk.page.locator("#say").fill("/nothing like it")
    desk.page.locator("#say").press("Enter")
    expect(alert).to_contain_text("There is no command")
    desk.type("daily")  # what was said of another text goes
    expect(alert).to_have_count(0)
    desk.page.get_by_role("button", name="Leave /daily").click()
    desk.page.locator("#say").fill("x" * 2001)
    desk.page.locator("#say").press("Enter")
    expect(alert).to_contain_text("at most 2000 characters; this one has 2001")
    expect(desk.page.locator("#say")).to_have_value("x" * 2001)


def test_a_command_that_failed_comes_back(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.fake_discord.client.Reply.json", {"type": 4, "data": {"content": "x" * 2001}})
    desk.command("balance", member="Bob")
    expect(desk.page.get_by_role("alert")).to_contain_text("This interaction failed")
    assert chips(desk) == {"member": "Bob"}


def test_a_picture_is_attached_by_mouse_and_by_keyboard(desk: Desk) -> None:
    desk.connect()
    desk.type("drop create", event="news_tracker", title="Golden hour")
    for name, choose in (("image", "click"), ("thumbnail", "press")):
        desk.page.get_by_label("Add an option").fill(name)
        desk.page.get_by_label("Add an option").press("Enter")
        with desk.page.expect_file_chooser() as chooser:
            desk.field(name).click() if choose == "click" else desk.field(name).press(" ")
        with desk.page.expect_response("**/api/files"):
            chooser.value.set_files(FilePayload(name=f"{name}.png", mimeType="image/png", buffer=PNG))
        expect(desk.field(name)).to_have_value(f"{name}.png")
    desk.page.get_by_role("button", name="Send").click()
    shown = desk.message("Golden hour")
    expect(shown.locator("img.embed-image")).to_have_count(1)
    expect(shown.locator("img.thumbnail")).to_have_count(1)
    expect(shown.locator(".attachments")).to_have_count(0)


def test_a_picture_that_was_not_chosen_is_not_sent(desk: Desk) -> None:
    desk.connect()
    desk.page.locator("#say").fill("/drop create event:news_tracker image:cat.png")
    desk.page.get_by_role("button", name="Send").click()
    expect(desk.page.get_by_text("image: choose a file.")).to_be_visible()
    expect(desk.field("event")).to_have_value("news_tracker")  # nothing typed is lost

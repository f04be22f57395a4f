"""What the bot can show: selects, pictures, embeds and the newer components; and forms with selects."""

import json
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from infra.fake_discord.contract import Json
from tests.infra.playground.page.bot import AWAY, CLAIM, CONTAINER, FILE, TOPICS, Bot, row, selects
from tests.infra.playground.page.conftest import Open
from tests.infra.playground.page.contrast import too_weak
from tests.infra.playground.page.desk import Desk
from tests.infra.playground.page.png import painted

PICTURES = "img:is(.icon, .thumbnail, .embed-image, .attached, .shown)"
NATURAL_WIDTHS = "pictures => pictures.map(picture => picture.complete && picture.naturalWidth)"


def sent(desk: Desk, do: Any) -> Json:
    """The data of the interaction that something sends."""
    with desk.page.expect_response("**/api/act") as answer:
        do()
    return dict(answer.value.json()["interaction"]["data"])


def choose(picker: Locator, option: str) -> None:
    """Open a select and choose."""
    picker.click()
    picker.page.get_by_role("option", name=option).click()


def test_a_choice_is_sent_at_once(desk: Desk, bot: Bot) -> None:
    message = bot.post(content="Help", components=[row(TOPICS)])
    picker = desk.page.get_by_role("combobox", name="Choose a topic")
    data = sent(desk, lambda: choose(picker, "Streaks"))
    assert data == {"component_type": 3, "custom_id": "none:topic", "id": 2, "values": ["streaks"]}
    expect(picker).to_contain_text("Streaks")
    expect(desk.message("This button no longer works")).to_contain_text("Only you can see this")
    assert desk.page.locator(f"#message-{message['id']}").get_by_role("listbox").count() == 0


def test_members_roles_and_channels_are_chosen_and_resolved(desk: Desk, bot: Bot) -> None:
    bot.post(content="Who?", components=[row(select) for select in selects()])
    chosen = [("a member", "Bob"), ("a role", "@VIP"), ("a member or a role", "Carla"), ("a channel", "#drops")]
    found = []
    for name, option in chosen:
        picker = desk.page.get_by_role("combobox", name=f"Select {name}", exact=True)
        found.append(sent(desk, lambda picker=picker, option=option: choose(picker, option)))
    assert [data["component_type"] for data in found] == [5, 6, 7, 8]
    resolved = [data["resolved"] for data in found]
    assert [list(each) for each in resolved] == [["users", "members"], ["roles"], ["users", "members"], ["channels"]]
    named = [next(iter(each.values()))[data["values"][0]] for each, data in zip(resolved, found, strict=True)]
    assert [each.get("global_name") or each.get("name") for each in named] == ["Bob", "VIP", "Carla", "drops"]


def test_several_are_chosen_by_keyboard_and_sent_together(desk: Desk, bot: Bot) -> None:
    options = [{"label": name, "value": name.lower()} for name in ("One", "Two", "Three")]
    bot.post(content="Some", components=[row({**TOPICS, "options": options, "min_values": 2, "max_values": 2})])
    picker = desk.page.get_by_role("combobox", name="Choose a topic")
    keys = desk.page.keyboard
    picker.press("ArrowDown")
    expect(desk.page.get_by_text("Choose 2.", exact=True)).to_be_visible()
    keys.press("Enter")
    keys.press("Escape")  # one is too few
    expect(picker).to_contain_text("Choose a topic")
    assert desk.acts() == 0
    picker.press("Enter")
    for key in ("Enter", "End", "Enter", "ArrowUp", "Enter"):  # the second of three comes too late
        keys.press(key)
    expect(desk.page.get_by_role("option", name="Two")).to_have_attribute("aria-disabled", "true")
    assert sent(desk, lambda: keys.press("Escape"))["values"] == ["one", "three"]
    expect(picker).to_have_text("One, Three")


AGAIN = """async () => {
    const { Picker } = await import("/page/picker.js");
    const offers = ["One", "Two"].map((label) => ({ label, value: label }));
    const picker = new Picker(offers, { least: 2, most: 2, placeholder: "Choose" });
    document.body.append(picker.element);
    picker.open();
    picker.list.children[0].click();
    picker.close();
    picker.open();
    const chosen = picker.values;
    picker.element.remove();
    return chosen;
}"""


def test_too_few_are_forgotten_also_where_the_list_opens_again_at_once(desk: Desk) -> None:
    assert desk.page.evaluate(AGAIN) == []


def test_a_disabled_select_and_one_that_is_filled_in(desk: Desk, bot: Bot) -> None:
    options = [{**option, "default": option["value"] == "drops"} for option in TOPICS["options"]]
    bot.post(content="Now", components=[row({**TOPICS, "options": options, "disabled": True})])
    picker = desk.page.get_by_role("combobox", name="Choose a topic")
    expect(picker).to_be_disabled()
    expect(picker).to_contain_text("Drops")


def test_a_form_with_selects_is_filled_in_and_sent(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    fields: list[Json] = [
        {"type": 18, "label": "Topic", "description": "What it is about", "component": TOPICS},
        {"type": 18, "label": "Where", "component": {"type": 8, "custom_id": "where", "required": False}},
        {"type": 18, "label": "Who", "component": {"type": 5, "custom_id": "who", "max_values": 2}},
        {"type": 18, "label": "Why", "component": {"type": 4, "custom_id": "why", "style": 1, "required": False}},
        {"type": 10, "content": "It can be **changed** later."},
    ]
    modal = {"type": 9, "data": {"custom_id": "none:form", "title": "A form", "components": fields}}
    opened = property(lambda reply: modal if reply.interaction["type"] == 2 else json.loads(reply.body))
    monkeypatch.setattr("infra.fake_discord.client.Reply.json", opened)
    desk.command("help")
    form = desk.page.get_by_role("dialog", name="A form")
    expect(form.locator("strong")).to_have_text("changed")
    topic, who = form.get_by_role("combobox", name="Topic"), form.get_by_role("combobox", name="Who")
    expect(topic).to_be_focused()
    form.get_by_role("button", name="Submit").click()
    expect(topic).to_have_attribute("aria-invalid", "true")
    choose(topic, "Drops")
    choose(who, "Bob")
    form.get_by_role("option", name="Carla").click()
    who.press("Escape")
    expect(form).to_be_visible()  # Escape has closed the list alone
    data = sent(desk, lambda: form.get_by_role("button", name="Submit").click())
    values = [label["component"].get("values") for label in data["components"] if label["type"] == 18]
    assert values[:2] == [["drops"], []]
    assert [data["resolved"]["users"][member]["global_name"] for member in values[2]] == ["Bob", "Carla"]
    expect(form).to_have_count(0)


def test_pictures_are_drawn_and_what_is_elsewhere_is_not_loaded(desk: Desk, bot: Bot) -> None:
    bot.everything()
    expect(desk.page.locator("discord-message")).to_have_count(5)
    for message, pictures in (("Quest of the week", 3), ("A picture, and", 1), ("the tide tables", 2)):
        shown = desk.message(message).last.locator(PICTURES)
        expect(shown).to_have_count(pictures)
        for picture in shown.all():
            expect(picture).to_have_js_property("complete", value=True)
        assert shown.evaluate_all(NATURAL_WIDTHS) == [320] * pictures
    elsewhere = desk.page.get_by_role("link", name="A picture on example.org")
    expect(elsewhere).to_have_attribute("href", AWAY)
    expect(elsewhere).to_have_attribute("target", "_blank")
    expect(desk.page.get_by_role("link", name="Download rows.csv")).to_contain_text("8 bytes")


def test_an_embed_has_all_its_parts(desk: Desk, bot: Bot) -> None:
    bot.everything()
    embed = desk.page.locator(".embed")
    expect(embed.locator(".embed-author")).to_have_text("Harbour Master")
    expect(embed.locator(".embed-title discord-link")).to_have_attribute("href", "https://example.org/quest")
    expect(embed.locator(".embed-field.inline")).to_have_count(3)
    expect(embed.locator(".embed-field").last).to_have_text("HowPress the button once.")
    expect(embed.locator(".embed-footer")).to_contain_text("Resonance • 17/03/2030")
    assert "--edge: #f1c40f" in (embed.get_attribute("style") or "")
    embed.get_by_role("button", name="/drop list").click()
    expect(desk.page.locator(".path")).to_have_text("/drop list")


def test_the_newer_components_are_laid_out(desk: Desk, bot: Bot) -> None:
    bot.everything()
    container = desk.page.locator(".part-container")
    expect(container.locator("discord-header")).to_have_text("Drop: the tide tables")
    expect(container.get_by_role("img", name="The tide")).to_be_visible()
    expect(container.locator(".part-gallery").get_by_role("img", name="The harbour")).to_be_visible()
    expect(container.locator(".part-separator.large.divider")).to_have_count(1)
    expect(container.get_by_role("link", name=f"Download {FILE}")).to_be_visible()
    data = sent(desk, lambda: container.get_by_role("button", name="Inside").click())
    assert (data["component_type"], data["custom_id"]) == (2, "none:inside")
    data = sent(desk, lambda: choose(container.get_by_role("combobox", name="Choose a topic"), "Drops"))
    assert data["values"] == ["drops"]


def test_what_the_page_does_not_know_is_said(desk: Desk, bot: Bot) -> None:
    message = bot.post(content="Now", components=[row(CLAIM)])
    desk.page.evaluate(
        """async ({ message, file }) => {
            const { partElement } = await import("/page/parts.js");
            const box = document.getElementById(`message-${message.id}`);
            for (const part of [{ type: 99 }, { type: 13, file: { url: "attachment://gone.txt" } }])
                box.append(partElement(part, { message }));
        }""",
        {"message": message, "file": FILE},
    )
    expect(desk.message("Now").locator(".undrawn")).to_have_text(
        ["A component of type 99", "The file attachment://gone.txt is not there."]
    )


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("width", [390, 1280])
def test_everything_can_be_read_and_fits(open_desk: Open, bot: Bot, scheme: Any, width: int) -> None:
    bot.everything()
    desk = open_desk(color_scheme=scheme, viewport={"width": width, "height": 900})
    expect(desk.page.locator("discord-message")).to_have_count(5)
    roles = [f"<@&93000000000000000{number}>" for number in (1, 2, 3, 4)]
    bot.answer(FILE, painted(1200, 30), "image/png", content=" ".join([*roles, "`code`", "<#1>", "https://a.example"]))
    expect(desk.page.locator("discord-mention")).to_have_count(7)
    desk.page.get_by_role("combobox", name="Choose a topic").first.click()
    assert too_weak(desk.page) == []
    messages = desk.page.locator("#messages")
    assert messages.evaluate("element => element.scrollWidth - element.clientWidth") == 0
    parts = desk.page.locator("discord-message :is(img, .embed, .part-container, .picker, .download)")
    assert all(part.evaluate("part => part.getBoundingClientRect().right <= innerWidth") for part in parts.all())


def test_the_parts_of_a_container_are_as_posted() -> None:
    assert [part["type"] for part in CONTAINER["components"]] == [9, 12, 14, 9, 1, 1, 13]

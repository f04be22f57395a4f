"""Messages in the browser: markup, forms, menus, reactions, files, and text that wants to be more than text."""

from pathlib import Path

from playwright.sync_api import Route, expect

from tests.infra.playground.page.desk import Desk

HOSTILE = "<script>window.hacked = 1</script><img src=x onerror='window.hacked = 1'>"


def test_a_form_posts_a_drop(desk: Desk) -> None:
    desk.connect()
    desk.command("drop create")
    form = desk.page.get_by_role("dialog", name="Post a drop")
    event = form.get_by_role("combobox", name="Event")
    expect(event).to_be_focused()
    form.get_by_role("button", name="Submit").click()
    expect(form).to_contain_text("This is required.")
    expect(event).to_have_attribute("aria-invalid", "true")
    desk.page.keyboard.press("Escape")
    expect(form).to_have_count(0)
    desk.command("drop create", label="Take it")
    expect(form.get_by_role("textbox", name="Label")).to_have_value("Take it")
    event.click()
    form.get_by_role("option", name="Welcome bonus").click()
    form.get_by_role("button", name="Submit").click()
    expect(form).to_have_count(0)
    expect(desk.drop).to_contain_text("50 RSNC")
    expect(desk.drop.get_by_role("button", name="Take it")).to_be_visible()


def test_a_message_becomes_a_drop_by_its_menu(desk: Desk) -> None:
    desk.connect()
    desk.say("Who was at the meeting?")
    message = desk.message("Who was at the meeting?")
    more = message.get_by_role("button", name="More")
    more.press("Enter")
    entry = desk.page.get_by_role("menuitem", name="Make this a drop")
    expect(entry).to_be_focused()
    desk.page.keyboard.press("Escape")
    expect(more).to_be_focused()
    more.press("Enter")
    entry.press("Enter")
    form = desk.page.get_by_role("dialog", name="Post a drop")
    form.get_by_role("combobox", name="Event").click()
    form.get_by_role("option", name="News tracker").click()
    form.get_by_role("button", name="Submit").click()
    expect(desk.drop.locator("discord-reply")).to_contain_text("Who was at the meeting?")


def test_hostile_text_stays_text(desk: Desk) -> None:
    desk.connect()
    desk.say(HOSTILE)
    desk.command("config events create", name="quest", reward="15", label=HOSTILE)
    desk.post_drop("quest", description=f"[click]({HOSTILE}) [me](javascript:alert(1)) {HOSTILE}", label="Claim")
    expect(desk.drop).to_contain_text("Drop: <script>window.hacked = 1</script>")
    desk.type("drop create", label=HOSTILE)
    desk.page.get_by_label("Add an option").fill("event")
    desk.page.get_by_label("Add an option").press("Enter")
    expect(desk.suggestion("<script>")).to_be_visible()
    for tab in ("Last interaction", "Changed rows", "Audit log", "Crowd"):
        expect(desk.tab(tab)).to_contain_text("<script>window.hacked")
    assert desk.page.evaluate("window.hacked") is None
    assert desk.page.locator("discord-message script, discord-message img[src=x], [href^=javascript]").count() == 0


LINK = '<discord-link href="{0}" target="_blank" rel="noopener noreferrer">{1}</discord-link>'
COMMAND = '<button type="button" class="command-mention">/drop create</button>'
MENTION = '<discord-mention type="{0}">{1}</discord-mention>'
ITEMS = "<discord-list-item>one</discord-list-item><discord-list-item><strong>two</strong></discord-list-item>"
MARKUP = {
    "**bold** and *thin*": "<strong>bold</strong> and <em>thin</em>",
    "__under__ and ~~gone~~": "<u>under</u> and <s>gone</s>",
    "***both***, snake_case_name and _thin_": "<strong><em>both</em></strong>, snake_case_name and <em>thin</em>",
    r"\*plain\* \<@1\> \`x\`": "*plain* &lt;@1&gt; `x`",
    "a `**code**` b": "a <discord-code>**code**</discord-code> b",
    "```py\nx = 1\n```": '<discord-code multiline="">x = 1</discord-code>',
    "# Big\n> said": '<discord-header level="1">Big</discord-header><blockquote>said</blockquote>',
    "- one\n- **two**": f"<discord-unordered-list>{ITEMS}</discord-unordered-list>",
    "1. one\n2. **two**": f"<discord-ordered-list>{ITEMS}</discord-ordered-list>",
    "<@7> or <@1>": f"{MENTION.format('user', 'Ada')} or {MENTION.format('user', 'unknown-user')}",
    "<#9>: </drop create:5>": f"{MENTION.format('channel', 'general')}: {COMMAND}",
    "<@&8>": '<discord-mention type="role" color="#ffd0d0">VIP</discord-mention>',
    "[x](https://a.example/b)": LINK.format("https://a.example/b", "x"),
    "https://c.example/d, e": LINK.format("https://c.example/d", "https://c.example/d") + ", e",
    "[x](javascript:1) a < b <b>c</b> 2 * 3 * 4": "[x](javascript:1) a &lt; b &lt;b&gt;c&lt;/b&gt; 2 * 3 * 4",
    "one\ntwo **unclosed": "one<br>two **unclosed",
}
RENDER = """async (texts) => {
    const { markdown } = await import("/page/markdown.js");
    const names = {
        locale: "en-GB",
        member: (id) => (id === "7" ? { name: "Ada" } : undefined),
        role: (id) => (id === "8" ? { name: "VIP", color: "#ffd0d0" } : undefined),
        channel: (id) => (id === "9" ? { name: "general" } : undefined),
    };
    return texts.map((text) => {
        const box = document.implementation.createHTMLDocument().createElement("div"); // where no component lives
        box.append(...markdown(text, names));
        return box.innerHTML;
    });
}"""


def test_markup_is_that_of_discord(desk: Desk) -> None:
    assert dict(zip(MARKUP, desk.page.evaluate(RENDER, list(MARKUP)), strict=True)) == MARKUP


def test_times_are_told_in_the_language_of_the_member(desk: Desk) -> None:
    desk.connect()
    desk.post_drop("news_tracker")
    expect(desk.drop).to_contain_text("in 1 day")
    desk.be("Carla")
    expect(desk.drop).to_contain_text("in 1 Tag")
    with desk.page.expect_response("**/api/members/*"):
        desk.page.get_by_label("Language").select_option("fr")
    expect(desk.drop).to_contain_text("dans 1 jour")


SPANS = {
    0: "in 0 seconds",
    59: "in 59 seconds",
    60: "in 1 minute",
    3569: "in 59 minutes",
    3570: "in 1 hour",
    84_599: "in 23 hours",
    84_600: "in 1 day",
    -86_399: "1 day ago",
    364 * 86_400: "in 1 year",
}
RELATIVE = """async (spans) => {
    const { clock, relative } = await import("/page/clock.js");
    const now = clock.now();
    clock.now = () => now + 1e-6; // as it is when it goes on meanwhile
    return spans.map((seconds) => relative(now + seconds, "en-GB"));
}"""


def test_what_rounds_up_to_a_unit_is_told_in_it(desk: Desk) -> None:
    assert dict(zip(SPANS, desk.page.evaluate(RELATIVE, list(SPANS)), strict=True)) == SPANS


def test_reactions_are_added_and_taken_back(desk: Desk) -> None:
    desk.say("Good morning")
    message = desk.message("Good morning")
    desk.menu_of(message)
    desk.page.get_by_role("menuitem", name="🎉").click()
    reaction = message.get_by_role("button", name="🎉, 1 reaction")
    expect(reaction).to_have_attribute("aria-pressed", "true")
    desk.be("Bob")
    expect(reaction).to_have_attribute("aria-pressed", "false")
    reaction.click()
    both = message.get_by_role("button", name="🎉, 2 reactions")
    expect(both).to_have_attribute("aria-pressed", "true")
    both.click()
    expect(reaction).to_have_attribute("aria-pressed", "false")


def test_super_reactions_and_emoji_of_the_server(desk: Desk) -> None:
    desk.page.locator("#say").fill("Land in sight, <:gull:910000000000000022>!")
    desk.page.locator("#say").press("Enter")
    message = desk.message("Land in sight")
    expect(message.get_by_alt_text(":gull:")).to_be_visible()
    desk.menu_of(message)
    desk.page.get_by_role("menuitem", name=":gull:").click()
    gull = message.get_by_role("button", name="gull, 1 reaction")
    expect(gull).to_have_attribute("title", "Ada")
    desk.menu_of(message)
    desk.page.get_by_role("menuitem", name="🔥").click(modifiers=["Shift"])
    expect(message.get_by_role("button", name="🔥, 1 reaction, 1 of them super")).to_be_visible()
    desk.be("Bob")
    message.get_by_role("button", name="🔥, 1 reaction").click()
    both = message.get_by_role("button", name="🔥, 2 reactions, 1 of them super")
    expect(both).to_have_attribute("title", "Ada and Bob")
    desk.be("Ada")
    gull.click()
    expect(gull).to_have_count(0)


def test_a_forum_shows_its_posts(desk: Desk) -> None:
    desk.go("ideas")
    desk.say("Let us sail westwards")
    post = desk.message("Let us sail westwards")
    desk.menu_of(post)
    desk.page.get_by_role("menuitem", name="🎉").click()
    expect(post.get_by_role("button", name="🎉, 1 reaction")).to_be_visible()
    desk.menu_of(post)
    desk.page.get_by_role("menuitem", name="Delete message").click()
    expect(post).to_have_count(0)


def test_messages_are_deleted_and_dismissed(desk: Desk) -> None:
    desk.say("Oh no")
    desk.menu_of(desk.message("Oh no"))
    desk.page.get_by_role("menuitem", name="Delete message").click()
    expect(desk.message("Oh no")).to_have_count(0)
    desk.command("help")
    private = desk.message("Only you can see this")
    private.get_by_role("button", name="Dismiss message").click()
    expect(private).to_have_count(0)
    desk.page.reload()
    expect(desk.page.get_by_role("heading", name="Welcome to #general")).to_be_visible()


def test_a_late_answer_is_nothing_to_the_next_member(desk: Desk) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    desk.page.route("**/api/act", hold)
    with desk.page.expect_request("**/api/act"):
        desk.page.locator("#say").fill("/help ")
        desk.page.get_by_role("button", name="Send").click()
    desk.be("Bob")
    with desk.page.expect_response("**/api/act"):
        held[0].continue_()
    expect(desk.tab("Last interaction")).to_contain_text("/help by Ada")
    expect(desk.page.locator("discord-message")).to_have_count(0)


def test_a_file_can_be_saved(desk: Desk, tmp_path: Path) -> None:
    desk.connect()
    desk.command("export", type="Audit log")
    with desk.page.expect_download() as download:
        desk.page.get_by_role("link", name="Download").click()
    download.value.save_as(tmp_path / "file.csv")
    assert download.value.suggested_filename.endswith(".csv")
    assert b"server.created" in (tmp_path / "file.csv").read_bytes()

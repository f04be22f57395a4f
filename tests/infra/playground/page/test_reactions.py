"""Drops for reactions and watched channels in the browser: members react, the schedule pays, the books are right."""

from playwright.sync_api import Locator, expect

from tests.infra.playground.page.desk import Desk
from tests.sql import Database

HARBOUR = "910000000000000001"


def run(desk: Desk, schedule: str) -> Locator:
    """Run a scheduled function; gives the tab that shows what it did."""
    tab = desk.tab("Schedules")
    with desk.page.expect_response("**/api/run"):
        tab.get_by_role("button", name=f"Run {schedule} now").click()
    return tab


def balance(desk: Desk, member: str, amount: str) -> None:
    """A member looks at what they have."""
    desk.be(member)
    desk.command("balance")
    expect(desk.message("Only you can see this").last).to_contain_text(f"{amount} RSNC")


def test_who_reacts_to_a_drop_is_paid(desk: Desk, db: Database) -> None:
    desk.connect()
    desk.add_event("quest", label="The quest")
    desk.command("drop create", event="quest", type="reaction")
    desk.message("The drop is in").last.wait_for()
    drop = desk.message("Drop: The quest").last
    reaction = drop.get_by_role("button", name="🎉")
    for name in ("Alice", "Bob", "Carla", "Beeper"):
        desk.be(name)
        reaction.click()
    desk.be("Carla")
    reaction.click()  # taken back before anybody looked
    desk.be("Dmitri")
    desk.menu_of(drop)
    desk.page.get_by_role("menuitem", name="🎉").click(modifiers=["Shift"])
    expect(drop.get_by_role("button", name="🎉, 5 reactions, 1 of them super")).to_be_visible()
    expect(run(desk, "collect_reactions")).to_contain_text('"paid": 3')
    run(desk, "expire_drops")
    expect(drop).to_contain_text("3 claims so far")
    balance(desk, "Carla", "0")
    balance(desk, "Dmitri", "15")
    assert db.books(HARBOUR)["claims"] == 3

    desk.be("Carla")
    reaction.click()  # just before the end
    expect(drop.get_by_role("button", name="🎉, 6 reactions")).to_be_visible()
    desk.be("Ada")
    desk.command("drop end", drop="The quest")
    expect(drop).to_contain_text("ended by an admin")
    expect(run(desk, "collect_reactions")).to_contain_text('"paid": 1')
    expect(drop.get_by_role("button", name="🎉, 5 reactions")).to_be_visible()  # the bot's own is gone
    run(desk, "expire_drops")
    expect(drop).to_contain_text("4 claims")
    balance(desk, "Carla", "15")
    db.assert_books_agree(HARBOUR)


def test_the_posts_of_a_watched_forum_become_drops(desk: Desk, db: Database) -> None:
    desk.connect()
    desk.command("watch start", channel="ideas")
    desk.message("The first message of every new post").last.wait_for()
    desk.be("Bob")
    desk.go("ideas")
    desk.say("Let us sail westwards")
    post = desk.message("Let us sail westwards")
    run(desk, "collect_reactions")
    reaction = post.get_by_role("button", name="🎉, 1 reaction")
    expect(reaction).to_have_attribute("title", "Resonance")
    for name in ("Alice", "Bob", "Dmitri"):
        desk.be(name)
        post.get_by_role("button", name="🎉").click()
    desk.page.get_by_role("button", name="+ 1 hour").click()
    expect(run(desk, "collect_reactions")).to_contain_text('"paid": 2')  # not the author
    desk.go("general")
    balance(desk, "Alice", "5")
    balance(desk, "Bob", "0")
    db.assert_books_agree(HARBOUR)
    desk.be("Ada")
    desk.command("watch list")
    expect(desk.message("Watched channels").last).to_contain_text("ideas")
    desk.command("watch stop", watch="News tracker")
    desk.message("become no drops any more").last.wait_for()
    desk.be("Alice")
    desk.go("ideas")
    desk.say("And then east")
    run(desk, "collect_reactions")
    expect(desk.message("And then east").get_by_role("button", name="🎉")).to_have_count(0)
    (drop,) = db.rows("select channel_id, message_id, claims_count from discord_drops")
    assert (drop["channel_id"], drop["claims_count"]) == (drop["message_id"], 2)

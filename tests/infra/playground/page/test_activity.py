"""Activity in the browser: what members write and sit through is recorded, and the tab says what came of it."""

from playwright.sync_api import expect

from tests.infra.playground.page.desk import Desk
from tests.sql import Database

LONG = "What I think of all this takes more than a few words to say, so here they are, " + "one after another, " * 5


def stats(db: Database, member: str) -> dict[str, int]:
    """What is counted of a member of the page's world."""
    query = (
        "select messages_count, reactions_received, voice_minutes from discord_user_stats where discord_user_id = %s"
    )
    return {name: int(value) for name, value in db.one(query, member).items()}


def member_id(desk: Desk, name: str) -> str:
    """The id of a member."""
    members = desk.page.request.get(f"{desk.watch.url}/api/world").json()["members"]
    (found,) = [member["id"] for member in members if member["name"] == name]
    return str(found)


def test_messages_reactions_and_voice_are_counted_and_paid(desk: Desk, db: Database) -> None:
    desk.connect()
    desk.be("Alice")
    tab = desk.tab("Activity")
    desk.say("Hello")
    expect(tab.get_by_role("log")).to_contain_text("Alice, message in Harbour: counted")
    desk.say(LONG)
    expect(tab.get_by_role("log")).to_contain_text("paid, 10 RSNC for regular_engagement")
    expect(tab.get_by_role("log")).not_to_contain_text("takes more than a few words")

    tab.get_by_role("button", name="Join as Alice").click()
    expect(tab).to_contain_text("Here: Alice")
    desk.page.get_by_role("button", name="+ 1 hour").click()
    expect(tab.get_by_role("log")).to_contain_text("Alice, voice in Harbour: counted")
    tab.get_by_role("button", name="Leave as Alice").click()
    expect(tab).to_contain_text("Nobody is here.")

    assert stats(db, member_id(desk, "Alice")) == {"messages_count": 2, "reactions_received": 0, "voice_minutes": 60}
    desk.command("leaderboard", type="voice", period="all")
    expect(desk.message("Alice").last).to_be_visible()


def test_a_server_that_is_not_connected_records_nothing(desk: Desk) -> None:
    desk.say("Hello")
    expect(desk.tab("Activity").get_by_role("log")).to_contain_text("server_not_connected")

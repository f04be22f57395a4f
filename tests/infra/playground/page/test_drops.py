"""Drops in the browser, from the connection of the server to the last claim, and what the panel tells of them."""

import re

from playwright.sync_api import expect

from tests.infra.playground.page.desk import Desk
from tests.sql import Database

HARBOUR = "910000000000000001"
DROP_IS_OVER = "This drop has ended: every claim was taken."


def test_five_claims_sell_a_drop_out(desk: Desk, db: Database) -> None:
    desk.connect()
    desk.add_event("quest", label="The quest")
    desk.post_drop("quest", max_claims="5", label="Grab it")
    for place, name in enumerate(["Alice", "Bob", "Carla", "Dmitri", "Erin"], start=1):
        desk.be(name)
        desk.drop.get_by_role("button", name="Grab it").click()
        expect(desk.message(f"You are {place} of 5.")).to_contain_text("Only you can see this")
    desk.be("Newton")
    expect(desk.message("You are")).to_have_count(0)
    expect(desk.drop).to_contain_text(DROP_IS_OVER)
    expect(desk.drop.get_by_role("button", name="Sold out")).to_be_disabled()
    db.assert_books_agree(HARBOUR)
    assert db.books(HARBOUR)["claims"] == 5


def test_a_second_click_is_refused_in_words(desk: Desk) -> None:
    desk.connect()
    desk.post_drop("news_tracker")
    desk.be("Alice")
    button = desk.drop.get_by_role("button", name="Claim")
    button.click()
    expect(desk.message("You got 5 RSNC!")).to_be_visible()
    button.click()
    expect(desk.message("You already have this one")).to_be_visible()


def test_a_drop_expires_by_the_clock(desk: Desk) -> None:
    desk.connect()
    desk.post_drop("news_tracker", lifespan="100m")
    expect(desk.drop).to_contain_text("in 2 hours")
    desk.page.get_by_role("button", name="+ 1 hour").click()
    expect(desk.drop).to_contain_text(re.compile("in (40|3[5-9]) minutes"))  # less what this test has taken
    expect(desk.page.locator("#time")).to_contain_text("1 hour ahead")
    desk.page.get_by_role("button", name="+ 1 hour").click()
    expect(desk.drop).to_contain_text(re.compile("2[0-5] minutes ago"))
    schedules = desk.tab("Schedules")
    schedules.get_by_role("button", name="Run expire_drops now").click()
    expect(schedules).to_contain_text('"expired": 1')
    expect(desk.drop).to_contain_text("its time was up")
    expect(desk.drop.get_by_role("button", name="Ended")).to_be_disabled()


def test_who_may_not_is_told_so(desk: Desk) -> None:
    desk.be("Alice")
    desk.page.locator("#say").fill("/setup")
    expect(desk.suggestion("/setup connect")).to_contain_text("not shown to this member by Discord")
    desk.command("setup status")
    expect(desk.message("Only you can see this")).to_contain_text("full admin")
    desk.page.get_by_label("Manage Server").check()
    desk.command("setup status")
    expect(desk.message("not connected").last).to_be_visible()


def test_the_panel_tells_what_a_claim_did(desk: Desk) -> None:
    desk.connect()
    desk.post_drop("news_tracker")
    desk.be("Bob")
    desk.drop.get_by_role("button", name="Claim").click()
    last = desk.tab("Last interaction")
    expect(last).to_contain_text("Button: Claim by Bob")
    expect(last).to_contain_text("claim_drop")
    expect(last.get_by_role("region", name="Request")).to_contain_text('"token": "…"')
    expect(last.get_by_role("region", name="Reply")).to_contain_text("You got **5 RSNC**!")
    changed = desk.tab("Changed rows")
    paid = changed.locator(".changed", has_text="reward_ledger").get_by_role("row", name="amount 5", exact=True)
    expect(paid).to_be_visible()
    counter = changed.locator(".changed", has_text="discord_drops").get_by_role("row", name="claims_count")
    expect(counter.get_by_role("cell")).to_have_text(["0", "1"])
    last = desk.tab("Last interaction")
    sent = last.get_by_label("Sent in this page")
    sent.select_option(sent.locator("option", has_text="Form: Connect this server").get_attribute("value"))
    expect(last).to_contain_text("connect_server")
    audit = desk.tab("Audit log")
    expect(audit.get_by_role("listitem").first).to_contain_text("drop.created")
    expect(audit.get_by_role("listitem").first).to_contain_text("Ada")


def test_a_crowd_comes_to_the_newest_drop_unless_another_is_chosen(desk: Desk) -> None:
    desk.connect()
    desk.post_drop("news_tracker", label="Old")
    drops = desk.tab("Crowd").get_by_label("Drop in this channel")
    expect(drops.locator(":checked")).to_contain_text("(Old)")
    desk.post_drop("news_tracker", label="New")
    expect(drops.locator(":checked")).to_contain_text("(New)")
    drops.select_option(label="Drop: News tracker (Old)")
    desk.post_drop("news_tracker", label="Newest")
    expect(drops.locator(":checked")).to_contain_text("(Old)")


def test_a_crowd_is_never_paid_twice(desk: Desk, db: Database) -> None:
    desk.connect()
    desk.post_drop("news_tracker", max_claims="20")
    crowd = desk.tab("Crowd")
    expect(crowd).to_contain_text("The books agree")
    crowd.get_by_label("Members").fill("60")
    crowd.get_by_role("button", name="Let them click").click()
    expect(crowd).to_contain_text("60 of 60")
    expect(crowd).to_contain_text("20 of 20")
    expect(crowd.get_by_role("row", name="claimed")).to_contain_text("20")
    expect(crowd.get_by_role("row", name="refused: the drop is over")).to_contain_text("40")
    expect(crowd.get_by_role("status")).to_have_text("Done: 20 have claimed. The books agree.")
    expect(crowd).to_contain_text("table 20 = ledger 20 = counters 20")
    expect(desk.drop).to_contain_text(DROP_IS_OVER)
    db.assert_books_agree(HARBOUR)
    desk.command("leaderboard")
    strangers = desk.message("Most RSNC earned").locator("discord-mention").all_inner_texts()
    assert len(set(strangers)) == len(strangers) == 10

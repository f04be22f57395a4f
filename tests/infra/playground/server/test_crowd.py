"""Many members who press a button at the same moment."""

from infra.local.stack import Stack
from tests.infra.playground.server.database import owner
from tests.infra.playground.server.listener import Listener
from tests.infra.playground.server.visit import Visit
from tests.sql import Database


def test_a_crowd_clicks_at_once_and_the_books_agree_all_along(visit: Visit, listener: Listener, stack: Stack) -> None:
    drop = visit.drop(max_claims=20)
    crowd = visit.crowd(drop, 60)["crowd"]
    assert "already" in visit.crowd(drop, 2, 409)["error"]

    course = [listener.until("crowd", crowd=crowd)]
    while not course[-1]["done"]:
        course.append(listener.until("crowd", crowd=crowd))
    end = course[-1]
    assert (end["clicked"], end["total"]) == (60, 60)
    assert end["outcomes"] == {"claimed": 20, "over": 40}
    assert (end["counter"], end["max_claims"]) == (20, 20)
    assert all(look["books"]["agree"] for look in course)
    assert "every claim was taken" in visit.message(drop["id"])["embeds"][0]["description"]
    with owner(stack) as connection:
        db = Database(connection, "")
        db.count_noted_claims()  # of the other drops of this server
        db.assert_books_agree(visit.server)


def test_a_crowd_reads_why_it_gets_nothing(visit: Visit, listener: Listener) -> None:
    drop = visit.drop()
    visit.command("config events toggle", name="quest", enabled=False)
    crowd = visit.crowd(drop, 2)["crowd"]
    (outcome,) = listener.until("crowd", crowd=crowd, done=True)["outcomes"].items()
    visit.command("config events toggle", name="quest", enabled=True)
    assert outcome[1] == 2
    assert "switched off" in outcome[0]


def test_a_crowd_needs_a_button(visit: Visit) -> None:
    drop = visit.drop()
    place = {"server": visit.server, "channel": visit.channel, "message": drop["id"]}
    assert "no button" in visit.ask("/api/crowd", 400, members=2, custom_id="claim:x", **place)["error"]

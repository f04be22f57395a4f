"""Messages as members see them in the channels."""

from dataclasses import replace

import pytest

from tests.infra.playground.server.listener import Listener
from tests.infra.playground.server.visit import Visit


def test_a_public_reply_becomes_a_message_of_the_channel(visit: Visit, listener: Listener) -> None:
    done = visit.command("leaderboard", "Alice", type="rsnc_earned")
    assert done["message"] in visit.messages("Bob")
    assert listener.until("message", channel=visit.channel)["message"] == done["message"]


def test_an_ephemeral_reply_is_seen_by_one_member_in_one_channel(visit: Visit, listener: Listener) -> None:
    reply = visit.command("balance", "Alice")["message"]
    assert visit.messages("Alice")[-1] == reply
    assert reply not in visit.messages("Bob")
    told = {"member": visit.member("Alice"), "channel": visit.channel}
    assert listener.until("ephemeral", **told)["message"] == reply

    visit.act("click", "Bob", 404, message=reply["id"], custom_id="x")
    assert visit.ask("/api/delete", channel=visit.channel, message=reply["id"]) == {}
    assert listener.until("ephemeral_gone", **told)["id"] == reply["id"]
    assert reply not in visit.messages("Alice")


def test_ephemeral_messages_do_not_pile_up(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.playground.server.feed.KEPT", 2)
    elsewhere = replace(visit, channel=visit.world["servers"][0]["channels"][2]["id"])
    replies = [elsewhere.command("balance", "Carla")["message"] for _ in range(3)]
    assert elsewhere.messages("Carla") == replies[1:]


def test_reactions_count_and_name_who_reacted(visit: Visit, listener: Listener) -> None:
    said = visit.ask("/api/say", as_=visit.member("Bob"), channel=visit.channel, content="React!")
    place = {"channel": visit.channel, "message": said["id"], "emoji": "🎉"}
    for name in ("Alice", "Beeper", "Alice"):
        assert visit.ask("/api/react", as_=visit.member(name), **place) == {}
    (reaction,) = visit.messages()[-1]["reactions"]
    assert (reaction["count"], set(reaction["users"])) == (2, {visit.member("Alice"), visit.member("Beeper")})
    assert listener.until("message", message=visit.messages()[-1])

    visit.ask("/api/react", as_=visit.member("Alice"), remove=True, **place)
    visit.ask("/api/react", as_=visit.member("Beeper"), remove=True, **place)
    assert "reactions" not in visit.messages()[-1]


def test_a_message_is_deleted_by_hand(visit: Visit, listener: Listener) -> None:
    said = visit.ask("/api/say", as_=visit.member("Bob"), channel=visit.channel, content="Gone in a moment")
    assert visit.ask("/api/delete", channel=visit.channel, message=said["id"]) == {}
    assert listener.until("message_deleted") == {"channel": visit.channel, "id": said["id"]}
    assert visit.ask("/api/delete", 404, channel=visit.channel, message=said["id"])["error"] == "Unknown Message."

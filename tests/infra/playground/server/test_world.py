"""Servers, channels, roles and members."""

from datetime import datetime
from typing import Any

import pytest

from infra.fake_discord.resources.snowflakes import EPOCH
from infra.local.stack import Stack
from tests.infra.playground.server.listener import Listener
from tests.infra.playground.server.visit import Visit


def test_the_world_has_what_the_page_needs(visit: Visit, stack: Stack) -> None:
    world = visit.look("/api/world")
    assert world["application"] == {"id": stack.keys.application_id, "name": "Resonance"}
    assert [len(server["channels"]) for server in world["servers"]] == [4, 3]
    assert {"daily", "drop", "Make this a drop"} <= {command["name"] for command in world["commands"]}
    assert world["schedules"] == ["expire_drops", "reset_streaks", "prune_events"]
    assert {member["locale"] for member in world["members"]} < set(world["locales"])
    assert world["real"] == {"supabase": False, "discord": False}
    assert [member["name"] for member in world["members"] if member["is_admin"]] == ["Ada"]
    assert [member["name"] for member in world["members"] if member["is_bot"]] == ["Beeper"]


def test_in_one_channel_of_each_server_the_bot_may_not_embed_links(visit: Visit) -> None:
    for server in visit.world["servers"]:
        lacking = [here["name"] for here in server["channels"] if not int(here["app_permissions"]) & 1 << 14]
        assert lacking == ["no-embeds"]


def test_the_id_of_a_member_tells_when_the_account_was_made(visit: Visit) -> None:
    for member in visit.world["members"]:
        made = ((int(member["id"]) >> 22) + EPOCH) / 1000
        assert abs(datetime.fromisoformat(member["created_at"]).timestamp() - made) < 1
        assert member["joined_at"] > member["created_at"]


def test_a_changed_member_acts_as_what_they_are_now(visit: Visit, listener: Listener) -> None:
    vip = next(role["id"] for role in visit.world["roles"] if role["name"] == "VIP")
    path = f"/api/members/{visit.member('Dmitri')}"
    changed = visit.http.patch(path, json={"roles": [vip], "is_admin": True, "locale": "fr"}).json()
    assert (changed["roles"], changed["is_admin"], changed["locale"]) == ([vip], True, "fr")
    assert listener.until("member")["member"] == changed

    sent = visit.command("balance", "Dmitri")["interaction"]
    assert (sent["locale"], sent["member"]["roles"]) == ("fr", [vip])
    assert int(sent["member"]["permissions"]) & 1 << 5

    assert visit.http.patch(path, json={"is_admin": False}).json()["roles"] == [vip]
    assert not int(visit.command("balance", "Dmitri")["interaction"]["member"]["permissions"]) & 1 << 5


@pytest.mark.parametrize(
    ("change", "status"), [({"roles": ["1"]}, 404), ({"locale": "tlh"}, 400), ({"name": "x"}, 400), ([], 400)]
)
def test_a_member_is_not_changed_into_something_that_is_not(visit: Visit, change: Any, status: int) -> None:
    before = visit.look("/api/world")["members"]
    answer = visit.http.patch(f"/api/members/{visit.member('Bob')}", json=change)
    assert (answer.status_code, list(answer.json())) == (status, ["error"])
    assert visit.http.patch("/api/members/1", json={}).status_code == 404
    assert visit.look("/api/world")["members"] == before

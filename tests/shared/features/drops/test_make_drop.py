"""The message menu "Make this a drop": a message is answered with one."""

from typing import Any

import pytest

from infra.fake_discord.client import Client
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ADMIN, BOB
from infra.local.runtime import Context
from shared.discord import rate_limits
from shared.interactions import dispatch
from tests.drops import retry_now, the_drop
from tests.shared.features.drops.forms import MENU, fields
from tests.sql import Database

Json = dict[str, Any]


def test_a_message_becomes_a_drop(
    server: Client, said: Json, db: Database, local_discord: FakeDiscord, rpc_calls: list[str]
) -> None:
    form = server.menu(MENU, said, user=ADMIN)
    assert list(fields(form))[:3] == ["Event", "Lifespan", "Max claims"]
    assert rpc_calls == ["list_events"]
    reply = form.submit(event="news_tracker", max_claims="2", lifespan="5m")
    assert "The drop is in" in reply.text
    drop = the_drop(db)
    posted = local_discord.message(drop["message_id"])
    assert (posted["type"], posted["message_reference"]["message_id"], drop["reply_to"]) == (19, said["id"], said["id"])
    assert "0 of 2 claimed" in posted["embeds"][0]["description"]
    assert "You got" in server.click(posted, "Claim", user=BOB).text
    assert local_discord.message(said["id"]) == said
    audit = db.one("select * from discord_audit_log where action = 'drop.created'")
    assert audit["after_state"]["reply_to"] == said["id"]


def test_a_message_that_was_deleted_meanwhile_is_no_reason_not_to_post(
    server: Client, said: Json, db: Database, local_discord: FakeDiscord
) -> None:
    form = server.menu(MENU, said, user=ADMIN)
    local_discord.delete_message(server.channel_id, said["id"])
    assert "The drop is in" in form.submit(event="news_tracker").text
    assert local_discord.message(the_drop(db)["message_id"])["type"] == 0


def test_what_the_command_could_not_post_the_schedule_posts_as_the_answer(
    server: Client, said: Json, db: Database, local_discord: FakeDiscord, functions: Any
) -> None:
    local_discord.fail(500)
    assert "saved" in server.menu(MENU, said, user=ADMIN).submit(event="news_tracker").text
    rate_limits.reset()
    retry_now(db)
    assert functions.expire_drops.handler({}, Context("expire_drops", "test", 55))["rendered"] == 1
    posted = local_discord.message(the_drop(db)["message_id"])
    assert posted["message_reference"]["message_id"] == said["id"]


@pytest.mark.parametrize("kind", [1, 7, 8, 18, 21, 24])
def test_discord_takes_no_answer_to_what_it_says_itself(server: Client, said: Json, db: Database, kind: int) -> None:
    reply = server.menu(MENU, said | {"type": kind}, user=ADMIN)
    assert reply.ephemeral
    assert "takes no answers" in reply.text
    assert db.rows("select * from discord_drops") == []


def test_a_menu_entry_of_another_time_says_so(server: Client, said: Json) -> None:
    data = {"id": "1", "name": "Make this gold", "type": 3, "target_id": said["id"]}
    assert server.interact(2, data, ADMIN).text == dispatch.UNKNOWN_COMMAND

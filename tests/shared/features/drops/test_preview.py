"""A drop that its admin sees before anybody else: posted, changed or cancelled by buttons, and no drop until then."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from infra.fake_discord.client import COMPONENT, Client, Reply
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.interaction_data import NotOfferedError
from infra.fake_discord.members import ADMIN, BOB, EVERYONE, MANAGE_GUILD, Member
from infra.fake_discord.resources.servers import role
from shared.discord import pictures
from shared.features.drops import look
from tests.drops import PNG, Run, create, the_drop
from tests.shared.features.drops.conftest import Attach
from tests.sql import ADMIN as CALLER
from tests.sql import Database

Json = dict[str, Any]
ROLE = "640000000000000001"
OTHER_ADMIN = Member("Other", "310000000000000010", permissions=EVERYONE | MANAGE_GUILD)
OTHER_CHANNEL = "630000000000000001"


def preview(client: Client, **options: Any) -> Reply:
    """An admin's /drop create with a preview."""
    return create(client, preview=True, **options)


def button_id(reply: Reply, label: str) -> str:
    """The custom_id of a button."""
    buttons = [button for row in reply.components for button in row["components"]]
    return next(str(button["custom_id"]) for button in buttons if button["label"] == label)


def press(client: Client, custom_id: str, user: Member, message: Json) -> Reply:
    """Press a button of a message that somebody else may see."""
    return client.interact(COMPONENT, {"component_type": 2, "custom_id": custom_id, "id": 2}, user, message=message)


def assert_nothing_is_there(client: Client, db: Database, discord: FakeDiscord) -> None:
    """No drop, and no message."""
    assert db.rows("select * from discord_drops") == []
    assert discord.messages(client.channel_id) == []


def test_it_looks_like_the_drop_and_is_none(
    server: Client, db: Database, local_discord: FakeDiscord, rpc_calls: list[str]
) -> None:
    asked = role(ROLE) | {"mentionable": True}
    reply = preview(server, title="Golden hour", colour="gold", label="Take", ping=asked, max_claims=3, reward=7)
    assert reply.ephemeral
    assert rpc_calls == ["preview_drop"]
    assert_nothing_is_there(server, db, local_discord)
    assert f"how the drop will look in <#{server.channel_id}>" in reply.content
    assert f"<@&{ROLE}>" in reply.content
    (embed,) = reply.embeds
    assert (embed["title"], embed["color"]) == ("Golden hour", look.COLOURS["Gold"])
    assert "**7 RSNC**" in embed["description"]
    assert "▰▰▰▰▰▰▰▰▰▰\n0 of 3 claimed" in embed["description"]
    with pytest.raises(NotOfferedError, match="disabled"):
        reply.click("Take")


def test_post_makes_it_a_drop(server: Client, db: Database, local_discord: FakeDiscord, rpc_calls: list[str]) -> None:
    seen = preview(server, title="Golden hour", max_claims=3, label="Take", emoji="🎁", lifespan="90m", description="D")
    rpc_calls.clear()
    reply = seen.click("Post")
    assert rpc_calls == ["post_preview", "mark_drops_rendered"]
    assert reply.kind == 7
    assert "The drop is in" in reply.content
    assert (reply.embeds, reply.components) == ([], [])
    (message,) = local_discord.messages(server.channel_id)
    assert {name: part for name, part in message["embeds"][0].items() if name != "type"} == {
        name: part for name, part in seen.embeds[0].items() if name != "description"
    } | {"description": message["embeds"][0]["description"]}
    drop = the_drop(db)
    assert drop["look"] == {"is_titled": True, "emoji": "🎁"}
    assert (drop["max_claims"], drop["label"], drop["description"]) == (3, "Take", "D")
    assert drop["expires_at"] - drop["created_at"] == timedelta(minutes=90)
    assert "You got" in server.click(message, "Take", user=BOB).text
    db.assert_books_agree(server.guild_id)


def test_it_is_posted_where_it_was_to_go(server: Client, local_discord: FakeDiscord, db: Database) -> None:
    assert f"<#{OTHER_CHANNEL}>" in preview(server, channel=OTHER_CHANNEL).click("Post").content
    assert local_discord.messages(server.channel_id) == []
    assert the_drop(db)["channel_id"] == OTHER_CHANNEL


def test_a_second_press_and_a_redelivery_find_the_same_drop(
    server: Client, db: Database, local_discord: FakeDiscord
) -> None:
    seen = preview(server)
    first = seen.click("Post")
    assert server.redeliver(first).body == first.body
    assert seen.click("Post").content == first.content
    assert len(db.rows("select * from discord_drops")) == 1
    assert len(local_discord.messages(server.channel_id)) == 1


def test_a_redelivered_command_shows_the_same_preview(server: Client, db: Database) -> None:
    seen = preview(server)
    assert server.redeliver(seen).body == seen.body
    assert db.value("select count(*) from drop_previews") == 1


def test_twenty_presses_at_once_give_one_drop(db: Database) -> None:
    db.connect_server()
    db.add_event()
    terms = {"event_type": "quest", "channel_id": "88", "lifespan_seconds": 60}
    made = db.call("preview_drop", CALLER.again(), terms=terms)["preview_id"]
    found = db.race([lambda each: each.call("post_preview", CALLER.again(), preview_id=made)] * 20)
    assert {answer["outcome"] for answer in found} == {"drop_created"}
    assert len({answer["drop"]["drop_id"] for answer in found}) == 1
    assert db.value("select count(*) from discord_drops") == 1


def test_the_picture_is_shown_and_posted(server: Client, local_discord: FakeDiscord, attach: Attach) -> None:
    picture = attach()
    seen = preview(server, image=picture)
    assert seen.embeds[0]["image"] == {"url": picture["url"]}
    assert seen.click("Post").kind == 7
    (message,) = local_discord.messages(server.channel_id)
    assert local_discord.attachment(message["embeds"][0]["image"]["url"].split("/")[-2]) == PNG
    assert message["attachments"] == []


def test_a_large_picture_is_posted_after_a_defer(server: Client, local_discord: FakeDiscord, attach: Attach) -> None:
    reply = preview(server, image=attach(PNG + bytes(look.INLINE_BYTES))).click("Post")
    assert reply.status == 202
    assert "The drop is in" in reply.content
    assert len(local_discord.messages(server.channel_id)) == 1


def test_a_picture_that_is_gone_leaves_the_preview(
    server: Client, db: Database, local_discord: FakeDiscord, attach: Attach, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_: str, *, timeout: float) -> bytes:
        raise pictures.PictureError("gone")

    seen = preview(server, image=attach())
    with monkeypatch.context() as patch:
        patch.setattr(pictures, "fetch", gone)
        reply = seen.click("Post")
    assert reply.kind == 4
    assert "no longer where Discord kept it" in reply.content
    assert_nothing_is_there(server, db, local_discord)
    assert seen.click("Post").kind == 7


def test_change_opens_the_form_filled_in_and_shows_it_anew(
    server: Client, db: Database, local_discord: FakeDiscord, attach: Attach, rpc_calls: list[str]
) -> None:
    seen = preview(server, title="Old", description="Words", max_claims=3, lifespan="5m", colour="red", image=attach())
    rpc_calls.clear()
    opened = seen.click("Change")
    assert rpc_calls == ["get_preview"]
    fields = {field["component"]["custom_id"]: field["component"] for field in opened.components}
    assert list(fields) == ["title", "description", "lifespan", "max_claims", "reward"]
    assert (fields["title"]["value"], fields["description"]["value"], fields["max_claims"]["value"]) == (
        *("Old", "Words", "3"),
    )
    assert [each["value"] for each in fields["lifespan"]["options"] if each["default"]] == ["5m"]
    again = opened.submit(title="New", description="", reward="12")
    assert again.kind == 7
    assert (again.embeds[0]["title"], again.embeds[0]["color"]) == ("New", look.COLOURS["Red"])
    assert again.embeds[0]["image"] == seen.embeds[0]["image"]
    assert again.embeds[0]["description"].startswith("Press the button for **12 RSNC**")
    assert_nothing_is_there(server, db, local_discord)
    assert again.click("Post").kind == 7
    assert (the_drop(db)["title"], the_drop(db)["description"], the_drop(db)["reward_amount"]) == ("New", None, 12)


def test_a_form_that_is_wrong_can_be_tried_again(server: Client) -> None:
    opened = preview(server, title="Old").click("Change")
    wrong = opened.submit(max_claims="many")
    assert "must be a whole number" in wrong.text
    again = wrong.click("Try again").submit(max_claims="5")
    assert "0 of 5 claimed" in again.text


def test_cancel_forgets_it(server: Client, db: Database, local_discord: FakeDiscord) -> None:
    seen = preview(server)
    reply = seen.click("Cancel")
    assert (reply.kind, reply.content, reply.components) == (7, "Nothing has been posted.", [])
    assert_nothing_is_there(server, db, local_discord)
    assert db.rows("select * from drop_previews") == []
    assert seen.click("Cancel").content == "Nothing has been posted."
    assert "This preview is over" in seen.click("Post").content


def test_what_is_posted_cannot_be_cancelled_or_changed(server: Client, db: Database) -> None:
    seen = preview(server)
    seen.click("Post")
    for label in ("Cancel", "Change"):
        assert "This preview is over" in seen.click(label).content
    assert the_drop(db)["ended_at"] is None


def test_after_an_hour_it_is_over_and_forgotten(
    server: Client, db: Database, local_discord: FakeDiscord, run_schedule: Run
) -> None:
    seen = preview(server)
    opened = seen.click("Change")
    db.run("update drop_previews set expires_at = now()")
    for label in ("Post", "Change"):
        reply = seen.click(label)
        assert reply.kind == 7
        assert "This preview is over" in reply.content
    assert "This preview is over" in opened.submit(title="New").content
    run_schedule()
    assert db.rows("select * from drop_previews") == []
    assert_nothing_is_there(server, db, local_discord)
    assert "This preview is over" in seen.click("Post").content


def test_only_its_admin_can_use_it(server: Client, db: Database, local_discord: FakeDiscord) -> None:
    seen = preview(server)
    for label in ("Post", "Change"):
        assert "This preview is over" in press(server, button_id(seen, label), OTHER_ADMIN, seen.message).content
        assert "This needs the level" in press(server, button_id(seen, label), BOB, seen.message).content
        elsewhere = replace(server, guild_id="520000000000000002")
        assert "/setup connect" in press(elsewhere, button_id(seen, label), ADMIN, seen.message).content
    assert press(server, button_id(seen, "Cancel"), OTHER_ADMIN, seen.message).content == "Nothing has been posted."
    assert_nothing_is_there(server, db, local_discord)
    assert seen.click("Post").kind == 7


def test_a_custom_id_made_by_hand_is_none(server: Client) -> None:
    seen = preview(server)
    for name in ("preview_post", "preview_change", "preview_cancel"):
        assert "no longer works" in press(server, f"{name}:1", ADMIN, seen.message).content
    assert "This preview is over" in press(server, f"preview_post:{uuid4()}", ADMIN, seen.message).content


def test_what_would_be_refused_is_refused_at_once(server: Client, db: Database) -> None:
    db.run("update monitoring_rules set is_enabled = false")
    assert "switched off" in preview(server).text
    assert db.rows("select * from drop_previews") == []


def test_what_is_refused_meanwhile_leaves_the_preview(server: Client, db: Database) -> None:
    seen = preview(server)
    db.run("update monitoring_rules set is_enabled = false")
    reply = seen.click("Post")
    assert (reply.kind, reply.ephemeral) == (4, True)
    assert "switched off" in reply.text
    db.run("update monitoring_rules set is_enabled = true")
    assert seen.click("Post").kind == 7


def test_a_reaction_drop_is_previewed_without_a_button(
    server: Client, db: Database, local_discord: FakeDiscord
) -> None:
    seen = preview(server, type="reaction", emoji="🎉", title="Wave")
    assert "React with 🎉" in seen.text
    assert [button["label"] for row in seen.components for button in row["components"]] == ["Post", "Change", "Cancel"]
    reply = seen.click("Post")
    assert "The drop is in" in reply.content
    (message,) = local_discord.messages(server.channel_id)
    assert local_discord.reactors(message["id"], "🎉") == [server.application_id]
    assert (the_drop(db)["drop_type"], the_drop(db)["is_own_message"]) == ("reaction", True)


def test_what_the_bot_lacks_there_is_told(server: Client, db: Database) -> None:
    reply = preview(replace(server, app_permissions=EVERYONE & ~(1 << 14)))
    assert "I lack **Embed Links**" in reply.text
    assert db.rows("select * from drop_previews") == []

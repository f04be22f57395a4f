"""Pictures of drops: fetched from Discord, uploaded with the message, kept by every edit, and never shown twice."""

import json
from typing import Any

import pytest

from infra.fake_discord.client import Client
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ADMIN, BOB
from shared.discord import pictures
from shared.features.drops import look
from shared.features.drops.message import WITHOUT_PICTURE
from tests.drops import PNG, Run, admin, create, retry_now, the_drop
from tests.proxy import Proxy, broken, lost
from tests.shared.features.drops.conftest import Attach
from tests.sql import Database

Json = dict[str, Any]
GIF = b"GIF89a and the rest"


def posted(client: Client, discord: FakeDiscord) -> Json:
    """The one message of the channel."""
    (message,) = discord.messages(client.channel_id)
    return message


def uploaded(discord: FakeDiscord, message: Json, part: str = "image") -> bytes:
    """The content of the picture that a message's embed shows."""
    return discord.attachment(message["embeds"][0][part]["url"].split("/")[-2])


def test_a_picture_is_uploaded_with_the_message(
    server: Client, db: Database, local_discord: FakeDiscord, attach: Attach, rpc_calls: list[str]
) -> None:
    reply = create(server, image=attach(), thumbnail=attach(GIF, "image/gif; charset=x"))
    assert "The drop is in" in reply.text
    assert reply.status == 200  # not deferred
    message = posted(server, local_discord)
    assert uploaded(local_discord, message) == PNG
    assert uploaded(local_discord, message, "thumbnail") == GIF
    assert message["embeds"][0]["image"]["url"].endswith("/image.png")
    assert message["attachments"] == []
    assert the_drop(db)["look"] == {"image": "image.png", "thumbnail": "thumbnail.gif"}
    assert rpc_calls == ["create_drop", "mark_drops_rendered"]


def test_edits_keep_it_and_never_show_it_twice(
    server: Client, db: Database, local_discord: FakeDiscord, attach: Attach, run_schedule: Run
) -> None:
    create(server, image=attach(), max_claims=2)
    drop = str(the_drop(db)["drop_id"])
    before = posted(server, local_discord)
    server.click(before, "Claim", user=BOB)
    run_schedule()
    admin(server, "edit", drop=drop, title="New")
    admin(server, "end", drop=drop)
    message = posted(server, local_discord)
    assert (message["embeds"][0]["image"], message["attachments"]) == (before["embeds"][0]["image"], [])
    healed = server.click(before, "Claim", user=ADMIN)
    assert healed.kind == 7
    now = local_discord.edit_message(server.channel_id, message["id"], healed.data)
    assert (now["embeds"][0]["image"], now["attachments"]) == (before["embeds"][0]["image"], [])


def test_a_reaction_drop_has_it_too(server: Client, local_discord: FakeDiscord, attach: Attach) -> None:
    create(server, type="reaction", image=attach())
    assert uploaded(local_discord, posted(server, local_discord)) == PNG


# --- Files that are not taken


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml", "image/tiff", "video/mp4", "", "image/pngx"])
def test_only_pictures_are_taken(server: Client, db: Database, attach: Attach, kind: str) -> None:
    reply = create(server, image=attach(content_type=kind), thumbnail=attach())
    assert reply.text.endswith("`image` must be a picture: PNG, JPEG, GIF or WebP.")
    assert db.rows("select * from discord_drops") == []


def test_a_file_that_says_it_is_huge_is_not_fetched(
    server: Client, db: Database, attach: Attach, discord_proxy: Proxy
) -> None:
    reply = create(server, image=attach() | {"size": pictures.LARGEST + 1})
    assert "`image` must have 8 MB or less." in reply.text
    assert discord_proxy.requests == []
    assert db.rows("select * from discord_drops") == []


def test_all_problems_are_told_at_once(server: Client, attach: Attach) -> None:
    text = create(server, image=attach(content_type=""), thumbnail=attach() | {"size": 2**30}).text
    assert "`image`" in text
    assert "`thumbnail`" in text


ELSEWHERE = [
    "http://127.0.0.1:1/attachments/1/2/image.png",
    "https://evil.example/image.png",
    "https://cdn.discordapp.com.evil.example/image.png",
    "https://cdn.discordapp.com@evil.example/image.png",
    "https://user:secret@cdn.discordapp.com/image.png",
    "http://cdn.discordapp.com/image.png",
    "https://cdn.discordapp.com:8443/image.png",
    "http://169.254.169.254/latest/meta-data",
    "file:///etc/passwd",
    "https://[::1/image.png",
    "",
]


@pytest.mark.parametrize("url", ELSEWHERE)
def test_nothing_is_fetched_from_elsewhere(server: Client, db: Database, attach: Attach, url: str) -> None:
    reply = create(server, image=attach() | {"url": url})
    assert "I only take pictures that were attached in Discord" in reply.text
    assert "nothing has been posted" in reply.text
    assert db.rows("select * from discord_drops") == []


def test_no_other_route_of_the_local_discord_is_fetched(server: Client, attach: Attach) -> None:
    base = attach()["url"].partition("/attachments/")[0]
    for path in ("/api/v10/users/@me", "/attachments/../api/v10/users/@me", "/_local/requests"):
        assert "I only take pictures" in create(server, image=attach() | {"url": base + path}).text


@pytest.fixture
def through_proxy(attach: Attach, discord_proxy: Proxy) -> Json:
    """A file whose address leads through the proxy, which answers in Discord's place."""
    return attach() | {"url": f"{discord_proxy.url}/attachments/1/2/image.png"}


@pytest.mark.parametrize(
    ("trouble", "why"),
    [
        (broken(404), "no longer where Discord kept it"),
        (broken(302, location="http://169.254.169.254/"), "no longer where Discord kept it"),
        (broken(200, "<html>not a picture</html>"), "no picture that I can post"),
        (broken(200, ""), "no picture that I can post"),
        (broken(200, "GIF89a" + "x" * pictures.LARGEST), "more than 8 MB"),
        (lost, "no longer where Discord kept it"),
    ],
)
def test_what_is_no_picture_after_all_is_told_before_anything_is_saved(
    server: Client, db: Database, through_proxy: Json, discord_proxy: Proxy, trouble: Any, why: str
) -> None:
    discord_proxy.next(trouble)
    reply = create(server, image=through_proxy)
    assert why in reply.text
    assert db.rows("select * from discord_drops") == []
    assert discord_proxy.paths() == ["/attachments/1/2/image.png"]


def test_whoever_serves_it_gets_no_token(server: Client, through_proxy: Json, discord_proxy: Proxy) -> None:
    discord_proxy.next(broken(200, "GIF89a", content_type="image/gif"))
    create(server, image=through_proxy)
    assert "authorization" not in {name.lower() for name in discord_proxy.requests[0].headers}


# --- Time


def test_a_large_one_is_posted_after_a_defer(server: Client, local_discord: FakeDiscord, attach: Attach) -> None:
    content = PNG + bytes(look.INLINE_BYTES)
    reply = create(server, image=attach(content))
    assert reply.status == 202
    assert reply.ephemeral
    assert "The drop is in" in reply.text
    assert uploaded(local_discord, posted(server, local_discord)) == content


def test_a_slow_one_is_fetched_again_after_a_defer(
    server: Client, local_discord: FakeDiscord, attach: Attach, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch, timeouts = pictures.fetch, list[float]()

    def slow(url: str, *, timeout: float) -> bytes:
        timeouts.append(timeout)
        if len(timeouts) == 1:
            raise pictures.PictureError("slow")
        return fetch(url, timeout=timeout)

    monkeypatch.setattr(pictures, "fetch", slow)
    reply = create(server, image=attach())
    assert reply.status == 202
    assert "The drop is in" in reply.text
    assert uploaded(local_discord, posted(server, local_discord)) == PNG
    assert timeouts[0] < 1.3
    assert timeouts[1] > 5


def test_one_that_stays_slow_is_given_up(
    server: Client, db: Database, attach: Attach, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(_: str, *, timeout: float) -> bytes:
        raise pictures.PictureError("slow")

    monkeypatch.setattr(pictures, "fetch", slow)
    reply = create(server, image=attach())
    assert "did not hand me the picture in time" in reply.text
    assert db.rows("select * from discord_drops") == []


def test_a_redelivery_of_a_deferred_command_posts_nothing_more(
    server: Client, local_discord: FakeDiscord, attach: Attach
) -> None:
    first = create(server, image=attach(PNG + bytes(look.INLINE_BYTES)))
    assert server.redeliver(first).status == 202
    assert len(local_discord.messages(server.channel_id)) == 1


def test_a_defer_that_fails_says_so(server: Client, db: Database, local_discord: FakeDiscord, attach: Attach) -> None:
    local_discord.fail(500, times=20, method="POST", path="/interactions/*/*/callback")
    reply = create(server, image=attach(PNG + bytes(look.INLINE_BYTES)))
    assert reply.status == 200
    assert "did not hand me the picture in time" in reply.text
    assert db.rows("select * from discord_drops") == []


# --- The schedule posts it


def test_a_message_that_the_schedule_posts_says_that_its_picture_is_missing(
    server: Client, db: Database, local_discord: FakeDiscord, attach: Attach, run_schedule: Run
) -> None:
    local_discord.fail(500, method="POST", path=f"/channels/{server.channel_id}/messages")
    reply = create(server, image=attach(), max_claims=3)
    assert "within a few minutes without its picture" in reply.text
    assert run_schedule()["rendered"] == 1
    message = posted(server, local_discord)
    assert "image" not in message["embeds"][0]
    assert WITHOUT_PICTURE in message["embeds"][0]["description"]
    assert the_drop(db)["look"] == {"image": "image.png", "is_lost": True}
    server.click(message, "Claim", user=BOB)
    run_schedule()
    message = posted(server, local_discord)
    assert "image" not in message["embeds"][0]
    assert WITHOUT_PICTURE in message["embeds"][0]["description"]
    assert "1 of 3" in message["embeds"][0]["description"]


def test_a_post_whose_answer_was_lost_keeps_its_picture(
    server: Client, db: Database, local_discord: FakeDiscord, attach: Attach, run_schedule: Run
) -> None:
    create(server, image=attach(), max_claims=3)
    db.run("update discord_drops set message_id = null, rendered_revision = 0")
    run_schedule()
    message = posted(server, local_discord)
    assert uploaded(local_discord, message) == PNG
    assert the_drop(db)["look"] == {"image": "image.png"}
    server.click(message, "Claim", user=BOB)
    retry_now(db)
    run_schedule()
    assert uploaded(local_discord, posted(server, local_discord)) == PNG


def test_a_click_before_the_message_is_known_keeps_its_picture(
    server: Client, db: Database, local_discord: FakeDiscord, attach: Attach, run_schedule: Run
) -> None:
    create(server, image=attach(), max_claims=3)
    message = posted(server, local_discord)
    db.run("update discord_drops set message_id = null, rendered_revision = 0, render_after = 'epoch'")
    server.click(message, "Claim", user=BOB)
    run_schedule()
    assert uploaded(local_discord, posted(server, local_discord)) == PNG


def test_the_post_names_its_files(server: Client, discord_proxy: Proxy, through_proxy: Json) -> None:
    discord_proxy.next(broken(200, "GIF89a"))
    create(server, image=through_proxy)
    body = discord_proxy.requests[1].body
    sent = json.loads(body.partition(b'name="payload_json"')[2].partition(b"\r\n\r\n")[2].partition(b"\r\n--")[0])
    assert sent["attachments"] == [{"id": "0", "filename": "image.png"}]
    assert sent["embeds"][0]["image"] == {"url": "attachment://image.png"}
    assert b'name="files[0]"; filename="image.png"' in body

"""Interactions of members, and what comes of them."""

import base64

import httpx
import pytest

from infra.local.environment import Error, Invocation
from infra.local.stack import Stack
from tests.infra.playground.server.listener import Listener
from tests.infra.playground.server.visit import Visit, enabled


def test_a_click_is_signed_answered_and_taken_apart(visit: Visit, stack: Stack) -> None:
    drop = visit.drop(max_claims=5)
    done = visit.click(drop)
    assert done["interaction"]["token"] == "…"
    assert done["interaction"]["message"]["id"] == drop["id"]
    assert (done["reply"]["status"], done["reply"]["json"]["type"], done["problem"]) == (200, 4, None)
    assert done["milliseconds"] >= done["handler_milliseconds"] > 0
    assert (done["database_calls"], done["cold"]) == (["claim_drop", "mark_drops_rendered"], False)
    assert done["message"]["content"].startswith("You got **40 RSNC**!")
    assert (done["modal"], done["choices"]) == (None, None)


def test_pages_of_an_ephemeral_reply_are_turned_in_its_place(visit: Visit) -> None:
    for _ in range(6):
        visit.click(visit.drop(), "Bob")
    first = visit.command("history", "Bob")["message"]
    turned = visit.act("click", "Bob", message=first["id"], custom_id=enabled(first))
    assert turned["reply"]["json"]["type"] == 7
    assert turned["message"]["embeds"] != first["embeds"]
    assert visit.message(first["id"], "Bob") == turned["message"]


def test_a_drop_is_posted_claimed_until_it_is_full_and_shown_so_to_everybody(visit: Visit, listener: Listener) -> None:
    drop = visit.drop(max_claims=5)
    for name in ("Alice", "Bob", "Carla", "Dmitri", "Erin"):
        assert "You got" in visit.click(drop, name)["message"]["content"]
    full = visit.message(drop["id"], "Bob")  # as the last claim has left it
    assert "every claim was taken" in full["embeds"][0]["description"]
    assert full["components"][0]["components"][0]["label"] == "Sold out"
    assert listener.until("message", message=full)
    assert "is disabled" in visit.click(drop, "Newton", 400)["error"]


def test_a_form_is_opened_filled_in_and_sent(visit: Visit) -> None:
    form = visit.command("drop create")["modal"]
    assert form["title"] == "Post a drop"
    sent = visit.act("submit", custom_id=form["custom_id"], fields={"event": "quest", "label": "Mine!"})
    assert sent["interaction"]["type"] == 5
    assert "The drop is in" in sent["message"]["content"]
    (label,) = {message["components"][0]["components"][0]["label"] for message in visit.messages()[-2:-1]}
    assert label == "Mine!"
    for fields, problem in (({}, "needs event"), ({"event": "quest", "self": "x"}, "no field self")):
        assert problem in visit.act("submit", "", 400, custom_id=form["custom_id"], fields=fields)["error"]


def test_only_the_form_that_is_open_can_be_sent(visit: Visit) -> None:
    form = visit.command("drop create")["modal"]
    for who, custom_id in (("Bob", form["custom_id"]), ("Ada", "drop:1:2")):
        assert "open it again" in visit.act("submit", who, 409, custom_id=custom_id, fields={"event": "x"})["error"]


def test_a_message_becomes_a_drop_by_its_menu(visit: Visit) -> None:
    said = visit.ask("/api/say", as_=visit.member("Alice"), channel=visit.channel, content="I did it!")
    assert (said["author"]["id"], said["author"]["global_name"]) == (visit.member("Alice"), "Alice")
    form = visit.act("menu", name="Make this a drop", message=said["id"])["modal"]
    visit.act("submit", custom_id=form["custom_id"], fields={"event": "quest"}, message=said["id"])
    drop = [message for message in visit.messages() if message["components"]][-1]
    assert drop["message_reference"]["message_id"] == said["id"]


def test_autocomplete_is_asked_from_the_handler(visit: Visit) -> None:
    done = visit.act("autocomplete", command="drop create", options={"event": "que"}, focused="event")
    assert (done["interaction"]["type"], done["database_calls"], done["changes"]) == (4, ["list_events"], [])
    assert [choice["value"] for choice in done["choices"]] == ["quest"]
    nothing = visit.act("autocomplete", command="drop create", focused="event")
    assert len(nothing["choices"]) > 1


def test_members_roles_and_channels_are_named_as_they_are_here(visit: Visit) -> None:
    channel = visit.world["servers"][0]["channels"][3]
    assert channel["name"] == "no-embeds"
    done = visit.command("drop create", event="quest", channel=channel["id"])
    (resolved,) = done["interaction"]["data"]["resolved"]["channels"].values()
    assert (resolved["name"], resolved["app_permissions"]) == ("no-embeds", channel["app_permissions"])
    assert "Embed Links" in done["message"]["content"]

    bob = visit.command("balance", member=visit.member("Bob"))["interaction"]["data"]["resolved"]["users"]
    assert [user["global_name"] for user in bob.values()] == ["Bob"]


def test_a_file_comes_later_over_rest(visit: Visit, listener: Listener) -> None:
    done = visit.command("export", type="audit")
    assert done["reply"] == {"status": 202, "json": None}
    (file,) = done["message"]["attachments"]
    for address in (file["url"], f"{visit.http.base_url}{httpx.URL(file['url']).path}"):
        saved = httpx.get(address)
        assert b"server.created" in saved.content
        assert saved.headers["content-type"] == "application/octet-stream"
        assert saved.headers["content-disposition"] == f"attachment; filename*=UTF-8''{file['filename']}"
    assert listener.until("ephemeral", message=done["message"])["member"] == visit.member("Ada")
    assert visit.messages()[-1] == done["message"]


def test_a_reply_that_discord_would_refuse_is_shown_as_a_problem(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    before = visit.messages()
    monkeypatch.setattr("infra.fake_discord.client.Reply.json", {"type": 4, "data": {"content": "x" * 2001}})
    done = visit.command("balance")
    assert "breaks Discord's contract" in done["problem"]
    assert (done["message"], done["modal"], done["choices"]) == (None, None, None)
    assert visit.messages() == before


def test_a_function_that_fails_is_a_problem(visit: Visit, stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = Invocation(error=Error("LookupError", "no such drop"), milliseconds=1)
    monkeypatch.setattr(stack.gateway._environments, "invoke", lambda *_: failed)
    done = visit.command("balance")
    assert "502" in done["problem"]
    assert done["reply"] == {"status": 502, "json": {"message": "Internal Server Error"}}


def test_a_bot_writes_and_reacts_and_uses_no_commands(visit: Visit) -> None:
    said = visit.ask("/api/say", as_=visit.member("Beeper"), channel=visit.channel, content="Beep")
    assert said["author"]["bot"] is True
    assert "no bot" in visit.act("command", "Beeper", 400, command="daily")["error"]


def test_a_picture_is_attached_and_posted_with_the_drop(visit: Visit) -> None:
    content = b"\x89PNG\r\n\x1a\n and so on"
    encoded = base64.b64encode(content).decode()
    attached = visit.ask("/api/files", filename="cat.png", content_type="image/png", content=encoded)
    drop = visit.drop(image=attached["id"])
    shown = httpx.URL(drop["embeds"][0]["image"]["url"])
    assert visit.http.get(shown.path).content == content
    assert drop["attachments"] == []
    again = visit.act("command", expect=400, command="drop create", options={"event": "quest", "image": "1"})
    assert again["error"] == "Choose a file for image."


def test_a_role_says_whether_everybody_may_mention_it(visit: Visit) -> None:
    roles = {role["name"]: role["id"] for role in visit.world["roles"]}
    assert visit.drop(ping=roles["VIP"])["content"] == f"<@&{roles['VIP']}>"
    refused = visit.command("drop create", event="quest", ping=roles["Viewer"])
    assert "you may not mention" in refused["message"]["content"]

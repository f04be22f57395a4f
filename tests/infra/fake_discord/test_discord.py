"""The local Discord is as strict as the real one: identity, nonces, rate limits, permissions, restarts."""

import asyncio
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from infra.fake_discord.contract import Json
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.request_log import MOST_INVALID_REQUESTS
from infra.fake_discord.resources.snowflakes import EPOCH, snowflake
from infra.local.server import HttpServer

TOKEN = "a-token"
APPLICATION = "775799577604522054"
CHANNEL, OTHER_CHANNEL = "772908445358620702", "772908445358620703"
MEMBER = "167348773423415296"
MESSAGES = f"/channels/{CHANNEL}/messages"
COMMANDS = f"/applications/{APPLICATION}/commands"
DAILY = {"name": "daily", "description": "Check in"}
BUTTON = {"type": 2, "style": 1, "label": "Claim", "custom_id": "claim:1"}


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@contextmanager
def running(state: object, clock: Callable[[], float]) -> Iterator[FakeDiscord]:
    with closing(FakeDiscord(str(state), TOKEN, APPLICATION, clock=clock)) as discord:
        yield discord


@pytest.fixture
def discord(clock: Clock) -> Iterator[FakeDiscord]:
    with running(":memory:", clock) as local:
        yield local


class InProcess(httpx.BaseTransport):
    """Calls an application without a server between; any thread may."""

    def __init__(self, app: Starlette) -> None:
        self._asgi = httpx.ASGITransport(app)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return asyncio.run(self._handle(request))

    async def _handle(self, request: httpx.Request) -> httpx.Response:
        answer = await self._asgi.handle_async_request(request)
        return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())


def http(discord: FakeDiscord, **headers: str) -> httpx.Client:
    known = {
        "Authorization": f"Bot {TOKEN}",
        "User-Agent": "DiscordBot (https://example.org, 1.0)",
        **headers,
    }
    return client(discord, "/api/v10", known)


def client(discord: FakeDiscord, root: str, headers: dict[str, str] | None = None) -> httpx.Client:
    return httpx.Client(transport=InProcess(discord.app), base_url="http://discord.local" + root, headers=headers)


@pytest.fixture
def bot(discord: FakeDiscord) -> httpx.Client:
    return http(discord)


def post(bot: httpx.Client, content: str = "A drop", **more: Any) -> Json:
    answer = bot.post(MESSAGES, json={"content": content, **more})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def error(answer: httpx.Response) -> tuple[int, int]:
    return answer.status_code, answer.json()["code"]


def test_a_message_comes_back_as_discord_describes_it(bot: httpx.Client, clock: Clock) -> None:
    row = {"type": 1, "components": [BUTTON]}
    sent = post(bot, embeds=[{"title": "Drop", "fields": [{"name": "Pays", "value": "5"}]}], components=[row])
    assert sent == bot.get(f"{MESSAGES}/{sent['id']}").json()
    assert (int(sent["id"]) >> 22) + EPOCH == clock.now * 1000
    assert sent["author"]["id"] == APPLICATION
    assert sent["author"]["bot"]
    assert sent["embeds"][0]["fields"][0]["inline"] is False
    assert sent["components"][0]["components"][0]["id"] == 2


def test_an_edit_changes_what_it_names_and_leaves_the_rest(bot: httpx.Client, discord: FakeDiscord) -> None:
    sent = post(bot, components=[{"type": 1, "components": [BUTTON]}])
    edited = bot.patch(f"{MESSAGES}/{sent['id']}", json={"components": []}).json()
    assert (edited["content"], edited["components"]) == ("A drop", [])
    assert edited["edited_timestamp"]
    assert discord.message(sent["id"]) == edited


def test_an_edit_may_not_empty_a_message(bot: httpx.Client, discord: FakeDiscord) -> None:
    sent = post(bot)
    assert error(bot.patch(f"{MESSAGES}/{sent['id']}", json={"content": ""})) == (400, 50006)
    assert discord.message(sent["id"])["content"] == "A drop"


def test_a_deleted_message_is_gone(bot: httpx.Client, discord: FakeDiscord) -> None:
    first, second = post(bot), post(bot)
    assert bot.delete(f"{MESSAGES}/{first['id']}").status_code == 204
    discord.delete_message(CHANNEL, second["id"])
    assert discord.messages(CHANNEL) == []
    for sent in (first, second):
        assert error(bot.get(f"{MESSAGES}/{sent['id']}")) == (404, 10008)
        assert error(bot.patch(f"{MESSAGES}/{sent['id']}", json={"content": "x"})) == (404, 10008)


def test_a_message_is_found_in_its_own_channel_only(bot: httpx.Client) -> None:
    sent = post(bot)
    assert error(bot.get(f"/channels/{OTHER_CHANNEL}/messages/{sent['id']}")) == (404, 10008)


def test_the_list_is_newest_first_and_paged(bot: httpx.Client) -> None:
    ids = [post(bot, str(number))["id"] for number in range(4)]
    listed = bot.get(MESSAGES, params={"limit": 2}).json()
    assert [message["id"] for message in listed] == [ids[3], ids[2]]
    listed = bot.get(MESSAGES, params={"limit": 2, "before": ids[2]}).json()
    assert [message["id"] for message in listed] == [ids[1], ids[0]]
    listed = bot.get(MESSAGES, params={"limit": 2, "after": ids[0]}).json()
    assert [message["id"] for message in listed] == [ids[2], ids[1]]


def test_a_members_message_cannot_be_edited_by_the_bot(bot: httpx.Client, discord: FakeDiscord) -> None:
    said = discord.say(CHANNEL, "Look at this", MEMBER)
    assert error(bot.patch(f"{MESSAGES}/{said['id']}", json={"content": "No"})) == (403, 50005)


# Nonces


def test_an_enforced_nonce_returns_the_message_that_was_sent(bot: httpx.Client, discord: FakeDiscord) -> None:
    first = post(bot, nonce="drop-7", enforce_nonce=True)
    again = post(bot, "Something else", nonce="drop-7", enforce_nonce=True)
    assert again == first
    assert len(discord.messages(CHANNEL)) == 1


def test_a_nonce_that_is_not_enforced_means_nothing(bot: httpx.Client) -> None:
    assert post(bot, nonce="drop-7")["id"] != post(bot, nonce="drop-7")["id"]


def test_a_nonce_is_forgotten_after_a_few_minutes(bot: httpx.Client, clock: Clock) -> None:
    first = post(bot, nonce="drop-7", enforce_nonce=True)
    clock.now += 301
    assert post(bot, nonce="drop-7", enforce_nonce=True)["id"] != first["id"]


def test_a_nonce_has_25_characters_at_most(bot: httpx.Client) -> None:
    assert error(bot.post(MESSAGES, json={"content": "x", "nonce": "n" * 26})) == (400, 50035)


def test_twenty_posts_at_once_with_one_nonce_make_one_message(clock: Clock) -> None:
    limits = {("POST", "/channels/{channel_id}/messages"): (20, 5.0)}
    with closing(FakeDiscord(":memory:", TOKEN, APPLICATION, limits=limits, clock=clock)) as discord:
        with ThreadPoolExecutor(20) as pool:
            sent = list(pool.map(lambda _: post(http(discord), nonce="n", enforce_nonce=True), range(20)))
        assert len({message["id"] for message in sent}) == 1
        assert len(discord.messages(CHANNEL)) == 1


# Who may


@pytest.mark.parametrize("authorization", [TOKEN, "Bot other", f"Bearer {TOKEN}", ""])
def test_a_wrong_token_is_401(discord: FakeDiscord, authorization: str) -> None:
    answer = http(discord, Authorization=authorization).get(MESSAGES)
    assert (answer.status_code, answer.json()) == (401, {"message": "401: Unauthorized", "code": 0})


@pytest.mark.parametrize("agent", ["python-httpx/0.28", "DiscordBot", "DiscordBot (https://example.org)"])
def test_a_wrong_user_agent_is_stopped_at_the_door(discord: FakeDiscord, agent: str) -> None:
    assert error(http(discord, **{"User-Agent": agent}).get(MESSAGES)) == (403, 40333)


def test_a_forbidden_channel(bot: httpx.Client, discord: FakeDiscord) -> None:
    sent = post(bot)
    discord.forbid(CHANNEL)
    assert error(bot.post(MESSAGES, json={"content": "x"})) == (403, 50013)
    assert bot.get(f"{MESSAGES}/{sent['id']}").status_code == 200, "reading is still allowed"
    discord.forbid(CHANNEL, 50001)
    assert error(bot.get(f"{MESSAGES}/{sent['id']}")) == (403, 50001)
    discord.forbid(CHANNEL, 10003)
    assert error(bot.get(MESSAGES)) == (404, 10003)
    assert bot.get(f"/channels/{OTHER_CHANNEL}/messages").status_code == 200
    discord.allow(CHANNEL)
    assert bot.get(MESSAGES).status_code == 200


def test_another_applications_commands_are_not_ours(bot: httpx.Client) -> None:
    assert error(bot.put("/applications/1/commands", json=[])) == (403, 20012)


# Rate limits


def test_the_sixth_message_in_five_seconds_is_429(bot: httpx.Client, clock: Clock) -> None:
    left = [bot.post(MESSAGES, json={"content": "x"}).headers["X-RateLimit-Remaining"] for _ in range(5)]
    assert left == ["4", "3", "2", "1", "0"]
    clock.now += 1.5
    limited = bot.post(MESSAGES, json={"content": "x"})
    assert limited.status_code == 429
    assert limited.json() == {"message": "You are being rate limited.", "retry_after": 3.5, "global": False}
    assert limited.headers["Retry-After"] == "4"
    assert limited.headers["X-RateLimit-Scope"] == "user"
    assert limited.headers["X-RateLimit-Reset-After"] == "3.500"
    assert float(limited.headers["X-RateLimit-Reset"]) == clock.now + 3.5
    clock.now += 3.5
    assert bot.post(MESSAGES, json={"content": "x"}).status_code == 200


def test_channels_and_routes_have_their_own_limits(bot: httpx.Client) -> None:
    sent = [post(bot) for _ in range(5)].pop()
    other = bot.post(f"/channels/{OTHER_CHANNEL}/messages", json={"content": "x"})
    edit = bot.patch(f"{MESSAGES}/{sent['id']}", json={"content": "x"})
    full = bot.post(MESSAGES, json={"content": "x"})
    assert (other.status_code, edit.status_code, full.status_code) == (200, 200, 429)
    assert other.headers["X-RateLimit-Bucket"] == full.headers["X-RateLimit-Bucket"]
    assert edit.headers["X-RateLimit-Bucket"] != full.headers["X-RateLimit-Bucket"]


def test_fifty_requests_a_second_over_everything(bot: httpx.Client, clock: Clock) -> None:
    answers = [bot.get(f"/channels/{channel}/messages") for channel in range(1, 52)]
    assert [answer.status_code for answer in answers] == [200] * 50 + [429]
    assert answers[-1].json()["global"] is True
    assert answers[-1].headers["X-RateLimit-Global"] == "true"
    assert answers[-1].headers["X-RateLimit-Scope"] == "global"
    clock.now += 1
    assert bot.get(MESSAGES).status_code == 200


def test_errors_carry_the_rate_limit_headers_too(bot: httpx.Client) -> None:
    answer = bot.get(f"{MESSAGES}/1")
    assert answer.status_code == 404
    assert {"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Bucket"} <= {
        name.title().replace("Ratelimit", "RateLimit") for name in answer.headers
    }


def test_invalid_requests_are_counted_for_ten_minutes(discord: FakeDiscord, clock: Clock) -> None:
    bot = http(discord)
    http(discord, Authorization="Bot other").get(MESSAGES)
    discord.forbid(OTHER_CHANNEL)
    bot.post(f"/channels/{OTHER_CHANNEL}/messages", json={"content": "x"})
    discord.fail(429)
    bot.get(MESSAGES)
    discord.fail(429, scope="shared")
    bot.get(MESSAGES)
    bot.get(f"{MESSAGES}/1")
    assert discord.invalid_requests == 3, "401, 403 and our own 429; neither a shared 429 nor a 404"
    clock.now += 600
    assert discord.invalid_requests == 0


def test_ten_thousand_invalid_requests_are_a_ban(bot: httpx.Client, discord: FakeDiscord, clock: Clock) -> None:
    discord.log.invalid.extend([clock.now] * (MOST_INVALID_REQUESTS - 1))
    assert bot.get(MESSAGES).status_code == 200
    discord.fail(403)
    assert bot.get(MESSAGES).status_code == 403
    banned = bot.get(MESSAGES)
    assert (banned.status_code, banned.text) == (429, "error code: 1015")
    assert "X-RateLimit-Scope" not in banned.headers, "it is not Discord that answers"
    clock.now += 600
    assert bot.get(MESSAGES).status_code == 200


def test_who_waits_as_long_as_a_header_says_is_not_early(bot: httpx.Client, clock: Clock) -> None:
    for elapsed in (0.0, 0.0333, 0.0777, 0.1, 0.4446):
        clock.now += elapsed
        answer = bot.post(MESSAGES, json={"content": "x"})
    clock.now += float(answer.headers["X-RateLimit-Reset-After"])
    assert bot.post(MESSAGES, json={"content": "x"}).status_code == 200


# Failures on demand


def test_a_failure_hits_what_it_names_as_often_as_it_says(bot: httpx.Client, discord: FakeDiscord) -> None:
    sent = post(bot)
    discord.fail(500, message="oops", times=2, method="PATCH", path="/channels/*/messages/*")
    edits = [bot.patch(f"{MESSAGES}/{sent['id']}", json={"content": str(n)}) for n in range(3)]
    assert [edit.status_code for edit in edits] == [500, 500, 200]
    assert edits[0].json() == {"message": "oops", "code": 0}
    assert post(bot)["id"]


def test_a_429_on_demand(bot: httpx.Client, discord: FakeDiscord) -> None:
    discord.fail(429, retry_after=0.25)
    limited = bot.post(MESSAGES, json={"content": "x"})
    assert limited.json()["retry_after"] == 0.25
    assert limited.headers["Retry-After"] == "1"
    assert discord.messages(CHANNEL) == []


def test_an_answer_that_is_lost_took_effect(bot: httpx.Client, discord: FakeDiscord) -> None:
    discord.fail(502, after=True)
    lost = bot.post(MESSAGES, json={"content": "x", "nonce": "n", "enforce_nonce": True})
    assert lost.status_code == 502
    assert len(discord.messages(CHANNEL)) == 1
    assert post(bot, nonce="n", enforce_nonce=True)["id"] == discord.messages(CHANNEL)[0]["id"]


# Bodies


def test_an_invalid_body_is_explained_as_discord_does(bot: httpx.Client, discord: FakeDiscord) -> None:
    row = {"type": 1, "components": [{**BUTTON, "label": "x" * 81}]}
    answer = bot.post(MESSAGES, json={"content": "x", "components": [row]})
    problem = {"code": "BASE_TYPE_MAX_LENGTH", "message": "Must be 80 or fewer in length."}
    nested = {"components": {"0": {"components": {"0": {"label": {"_errors": [problem]}}}}}}
    assert answer.json() == {"message": "Invalid Form Body", "code": 50035, "errors": nested}
    assert discord.requests[-1].problems == ["components[0].components[0].label: Must be 80 or fewer in length."]
    assert discord.messages(CHANNEL) == []


def test_an_empty_message_has_its_own_code(bot: httpx.Client) -> None:
    assert error(bot.post(MESSAGES, json={"embeds": []})) == (400, 50006)


def test_a_body_that_is_no_json(bot: httpx.Client) -> None:
    answer = bot.post(MESSAGES, content=b"{", headers={"Content-Type": "application/json"})
    assert error(answer) == (400, 50109)
    assert error(bot.post(MESSAGES, content=b"{}", headers={"Content-Type": "text/plain"})) == (400, 50035)


@pytest.mark.parametrize("path", ["/channels/here/messages", f"{MESSAGES}?limit=101", f"{MESSAGES}?before=now"])
def test_bad_parameters(bot: httpx.Client, path: str) -> None:
    assert error(bot.get(path)) == (400, 50035)


def test_unknown_routes(bot: httpx.Client) -> None:
    assert bot.get("/nowhere").json() == {"message": "404: Not Found", "code": 0}
    assert bot.post(f"{MESSAGES}/1").json() == {"message": "405: Method Not Allowed", "code": 0}


# Reactions


def test_reactions_are_listed_by_member_and_paged(bot: httpx.Client, discord: FakeDiscord) -> None:
    sent = post(bot)
    path = f"{MESSAGES}/{sent['id']}/reactions/%F0%9F%8E%89"
    assert bot.put(f"{path}/@me").status_code == 204
    for member in ("30", "4", "200"):
        discord.react(CHANNEL, sent["id"], "🎉", member)
    discord.react(CHANNEL, sent["id"], "🎉", "30")
    discord.react(CHANNEL, sent["id"], "🎉", "50", bot=True)
    first = bot.get(path, params={"limit": 3}).json()
    rest = bot.get(path, params={"limit": 3, "after": first[-1]["id"]}).json()
    assert [user["id"] for user in first + rest] == ["4", "30", "50", "200", APPLICATION]
    assert [user["id"] for user in first + rest if user.get("bot")] == ["50", APPLICATION]
    discord.unreact(CHANNEL, sent["id"], "🎉", "30")
    (reaction,) = discord.message(sent["id"])["reactions"]
    assert (reaction["emoji"], reaction["count"], reaction["me"]) == ({"id": None, "name": "🎉"}, 4, True)


def test_emoji_must_be_emoji(bot: httpx.Client, clock: Clock) -> None:
    path = f"{MESSAGES}/{post(bot)['id']}/reactions"
    for emoji, status in (
        ("party", 400),
        (":party:", 400),
        ("party:123", 204),
        ("%231", 400),
        ("❤️", 204),
        ("1️⃣", 204),
    ):
        clock.now += 1
        answer = bot.put(f"{path}/{emoji}/@me")
        assert answer.status_code == status, emoji
        assert status == 204 or answer.json()["code"] == 10014


def test_twenty_different_reactions_at_most(bot: httpx.Client, discord: FakeDiscord) -> None:
    sent = post(bot)
    for number in range(20):
        discord.react(CHANNEL, sent["id"], chr(0x1F400 + number), MEMBER)
    assert error(bot.put(f"{MESSAGES}/{sent['id']}/reactions/%F0%9F%8E%89/@me")) == (400, 30010)


# Commands


def test_commands_keep_their_ids_while_their_names_stay(bot: httpx.Client) -> None:
    menu = {"name": "Make this a drop", "type": 3}
    before = bot.put(COMMANDS, json=[DAILY, menu]).json()
    assert bot.put(COMMANDS, json=[DAILY, menu]).json() == before
    changed = bot.put(COMMANDS, json=[{**DAILY, "description": "Come back"}]).json()
    assert [command["name"] for command in bot.get(COMMANDS).json()] == ["daily"]
    assert changed[0]["id"] == before[0]["id"]
    assert changed[0]["version"] != before[0]["version"]
    assert bot.put(COMMANDS, json=[DAILY, menu]).json()[1]["id"] != before[1]["id"]


def test_a_server_has_commands_of_its_own(bot: httpx.Client, discord: FakeDiscord) -> None:
    bot.put(COMMANDS, json=[DAILY])
    guild = f"/applications/{APPLICATION}/guilds/5/commands"
    bot.put(guild, json=[{"name": "join", "description": "Join"}])
    assert [command["name"] for command in discord.commands()] == ["daily"]
    (command,) = bot.get(guild).json()
    assert (command["name"], command["guild_id"]) == ("join", "5")


def test_commands_come_back_with_defaults_filled_in(bot: httpx.Client) -> None:
    options = [{"type": 3, "name": "event", "description": "Which", "required": False, "choices": []}]
    (command,) = bot.put(COMMANDS, json=[{**DAILY, "options": options, "default_member_permissions": 32}]).json()
    assert command["options"] == [{"type": 3, "name": "event", "description": "Which"}]
    assert (command["type"], command["default_member_permissions"], command["nsfw"]) == (1, "32", False)


def test_bad_commands_change_nothing(bot: httpx.Client, discord: FakeDiscord) -> None:
    bot.put(COMMANDS, json=[DAILY])
    assert error(bot.put(COMMANDS, json=[DAILY, {**DAILY, "name": "Daily"}])) == (400, 50035)
    assert [command["name"] for command in discord.commands()] == ["daily"]


# State and the way in for other programs


def test_state_survives_a_restart(tmp_path: Path, clock: Clock) -> None:
    with running(tmp_path / "discord.db", clock) as discord:
        sent = post(http(discord), nonce="n", enforce_nonce=True)
        discord.react(CHANNEL, sent["id"], "🎉", MEMBER)
        http(discord).put(COMMANDS, json=[DAILY])
        before = discord.messages(CHANNEL), discord.commands()
    with running(tmp_path / "discord.db", clock) as discord:
        assert (discord.messages(CHANNEL), discord.commands()) == before
        assert post(http(discord), nonce="n", enforce_nonce=True)["id"] == sent["id"]


def test_other_programs_reach_the_same_over_http(bot: httpx.Client, discord: FakeDiscord) -> None:
    sent = post(bot)
    local = client(discord, "/_local")
    reaction = {"channel_id": CHANNEL, "message_id": sent["id"], "emoji": "🎉", "user_id": MEMBER}
    assert local.post("/react", json=reaction).json() is None
    local.post("/edit_message", json={"channel_id": CHANNEL, "message_id": sent["id"], "fields": {"content": "Over"}})
    (message,) = local.post("/messages", json={"channel_id": CHANNEL}).json()
    assert (message["content"], message["reactions"][0]["count"]) == ("Over", 1)
    local.post("/fail", json={"status": 503})
    assert bot.get(MESSAGES).status_code == 503
    log = local.get("/requests").json()
    assert [entry["status"] for entry in log["requests"]] == [200, 503]
    assert local.post("/react", json={**reaction, "message_id": "1"}).status_code == 404
    assert local.post("/message", json={"message": "1"}).status_code == 400


def test_every_change_of_a_message_is_told(bot: httpx.Client, discord: FakeDiscord) -> None:
    told: list[tuple[str, str]] = []
    sent = post(bot)
    change = (CHANNEL, sent["id"])
    discord.listeners.append(lambda channel_id, message_id: told.append((channel_id, message_id)))
    bot.patch(f"{MESSAGES}/{sent['id']}", json={"content": "Edited"})
    discord.edit_message(*change, {"content": "Edited again"})
    discord.react(*change, "🎉", MEMBER)
    assert discord.reactors(sent["id"], "🎉") == [MEMBER]
    discord.unreact(*change, "🎉", MEMBER)
    bot.delete(f"{MESSAGES}/{sent['id']}")
    assert told == [change] * 5
    said = discord.say(CHANNEL, "Hello", MEMBER, "Alice", bot=True)
    assert (said["author"]["global_name"], said["author"]["bot"]) == ("Alice", True)
    discord.keep_reply({**said, "id": "7"})
    assert told[5:] == [(CHANNEL, said["id"]), (CHANNEL, "7")]


def test_served_from_a_thread_while_the_test_looks_on(discord: FakeDiscord) -> None:
    server = HttpServer(discord.app)
    server.start()
    try:
        with httpx.Client(base_url=f"{server.url}/api/v10", headers=http(discord).headers) as bot:
            for number in range(5):
                sent = post(bot, str(number))
                discord.react(CHANNEL, sent["id"], "🎉", MEMBER)
                assert bot.get(f"{MESSAGES}/{sent['id']}").json() == discord.message(sent["id"])
    finally:
        server.stop()
    assert [message["content"] for message in discord.messages(CHANNEL)] == list("01234")


def test_the_log_keeps_no_secret(bot: httpx.Client, discord: FakeDiscord) -> None:
    post(bot)
    assert TOKEN not in repr(discord.requests)
    assert [(entry.method, entry.path, entry.status) for entry in discord.requests] == [("POST", MESSAGES, 200)]


def test_snowflakes_carry_their_time_and_differ() -> None:
    ids = [snowflake(1_800_000_000.123) for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert {(int(value) >> 22) + EPOCH for value in ids} == {1_800_000_000_123}


# Replies to interactions by their token

INTERACTION: Json = {
    "id": "1400000000000000001",
    "application_id": APPLICATION,
    "type": 2,
    "token": "aW50ZXJhY3Rpb246one",
    "channel_id": CHANNEL,
    "member": {"user": {"id": MEMBER, "global_name": "Alice"}},
    "attachment_size_limit": 1000,
}
CALLBACK = f"/interactions/{INTERACTION['id']}/{INTERACTION['token']}/callback"
ORIGINAL = f"/webhooks/{APPLICATION}/{INTERACTION['token']}/messages/@original"
LATER = {"type": 5, "data": {"flags": 64}}
CSV = "reward,id\r\n5,é\r\n".encode()


@pytest.fixture
def anybody(discord: FakeDiscord) -> httpx.Client:
    """Somebody who has no bot token, and the token of an interaction."""
    discord.issue(INTERACTION)
    return client(discord, "/api/v10", {"User-Agent": "DiscordBot (https://example.org, 1.0)"})


def upload(anybody: httpx.Client, file: bytes = CSV, **message: Any) -> httpx.Response:
    """Edit the reply to one that has a file."""
    payload = {"attachments": [{"id": "0", "filename": "rewards.csv"}], **message}
    files = {"files[0]": ("rewards.csv", file, "text/csv")}
    return anybody.patch(ORIGINAL, data={"payload_json": json.dumps(payload)}, files=files)


def test_a_deferred_reply_is_edited_to_one_with_a_file(anybody: httpx.Client, discord: FakeDiscord) -> None:
    assert anybody.post(CALLBACK, json=LATER).status_code == 204
    waiting = anybody.get(ORIGINAL).json()
    assert (waiting["content"], waiting["flags"], waiting["attachments"]) == ("", 64 | 128, [])
    answer = upload(anybody, content="Here")
    assert answer.status_code == 200, answer.text
    message = answer.json()
    assert message == anybody.get(ORIGINAL).json() == discord.reply(INTERACTION["token"])
    assert (message["content"], message["flags"], message["type"]) == ("Here", 64, 20)
    assert message["interaction_metadata"]["user"]["id"] == MEMBER
    (file,) = message["attachments"]
    assert (file["filename"], file["size"], file["content_type"]) == ("rewards.csv", len(CSV), "text/csv")
    assert discord.attachment(file["id"]) == client(discord, "").get(httpx.URL(file["url"]).path).content == CSV


def test_an_edit_without_the_file_takes_it_away(anybody: httpx.Client) -> None:
    anybody.post(CALLBACK, json=LATER)
    first = upload(anybody, content="Here").json()
    kept = anybody.patch(ORIGINAL, json={"content": "Still here"}).json()
    assert kept["attachments"] == first["attachments"]
    assert anybody.patch(ORIGINAL, json={"content": "Gone", "attachments": []}).json()["attachments"] == []
    assert error(anybody.patch(ORIGINAL, json={"content": ""})) == (400, 50006)


def test_a_reply_for_one_member_is_no_message_of_the_channel(
    anybody: httpx.Client, bot: httpx.Client, discord: FakeDiscord
) -> None:
    anybody.post(CALLBACK, json=LATER)
    reply_id = anybody.get(ORIGINAL).json()["id"]
    assert discord.messages(CHANNEL) == bot.get(MESSAGES).json() == []
    assert error(bot.patch(f"{MESSAGES}/{reply_id}", json={"content": "x"})) == (404, 10008)


def test_a_reply_at_once_is_edited_as_well(anybody: httpx.Client) -> None:
    assert anybody.post(CALLBACK, json={"type": 4, "data": {"content": "Hello"}}).status_code == 204
    assert anybody.get(ORIGINAL).json()["content"] == "Hello"
    assert anybody.patch(ORIGINAL, json={"content": "Goodbye"}).json()["content"] == "Goodbye"


def test_an_interaction_is_acknowledged_once_and_within_three_seconds(anybody: httpx.Client, clock: Clock) -> None:
    clock.now += 3.1
    assert error(anybody.post(CALLBACK, json=LATER)) == (404, 10062)
    clock.now -= 3.1
    assert anybody.post(CALLBACK, json=LATER).status_code == 204
    clock.now += 60
    assert error(anybody.post(CALLBACK, json=LATER)) == (400, 40060)


def test_a_token_lives_for_fifteen_minutes(anybody: httpx.Client, clock: Clock) -> None:
    anybody.post(CALLBACK, json=LATER)
    clock.now += 899
    assert anybody.patch(ORIGINAL, json={"content": "x"}).status_code == 200
    clock.now += 1
    assert error(anybody.patch(ORIGINAL, json={"content": "x"})) == (401, 50027)


def test_only_tokens_that_were_issued_are_taken(anybody: httpx.Client, discord: FakeDiscord) -> None:
    for path in (CALLBACK.replace("one", "two"), CALLBACK.replace(INTERACTION["id"], "1")):
        assert error(anybody.post(path, json=LATER)) == (404, 10062)
    assert error(anybody.patch(ORIGINAL, json={"content": "x"})) == (404, 10015), "there is no reply yet"
    anybody.post(CALLBACK, json=LATER)
    assert error(anybody.get(ORIGINAL.replace("one", "two"))) == (401, 50027)
    assert error(anybody.get(ORIGINAL.replace(APPLICATION, "1"))) == (404, 10015)
    assert anybody.get(ORIGINAL, headers={"Authorization": f"Bot {TOKEN}"}).status_code == 200
    assert error(anybody.get(ORIGINAL, headers={"Authorization": "Bot other"})) == (401, 0)
    assert anybody.post(MESSAGES, json={"content": "x"}).status_code == 401, "no other route goes without the bot"


def test_a_file_has_a_limit(anybody: httpx.Client) -> None:
    anybody.post(CALLBACK, json=LATER)
    assert upload(anybody, b"x" * 1000).status_code == 200
    assert error(upload(anybody, b"x" * 1001)) == (413, 40005)
    assert error(upload(anybody, content="x" * 2001)) == (400, 50035)


@pytest.mark.parametrize("content", [b"", b"\r\n", b"\r", b"\n--", b"a\r\n--b\r\n\r\nc", bytes(range(256))])
def test_a_file_arrives_as_it_was_sent(anybody: httpx.Client, discord: FakeDiscord, content: bytes) -> None:
    anybody.post(CALLBACK, json=LATER)
    (file,) = upload(anybody, content).json()["attachments"]
    assert discord.attachment(file["id"]) == content


def test_tokens_have_limits_of_their_own(clock: Clock) -> None:
    with closing(FakeDiscord(":memory:", TOKEN, APPLICATION, global_limit=2, clock=clock)) as discord:
        discord.issue(INTERACTION)
        assert http(discord).get(MESSAGES).status_code == 200
        for _ in range(5):
            assert http(discord).get(ORIGINAL).status_code == 404
        assert http(discord).get(MESSAGES).status_code == 200
        assert http(discord).get(MESSAGES).json()["global"] is True
        assert http(discord).post(CALLBACK, json=LATER).status_code == 204


def test_a_reply_is_held_to_the_contract(anybody: httpx.Client) -> None:
    assert error(anybody.post(CALLBACK, json={"type": 99})) == (400, 50035)
    assert error(anybody.post(CALLBACK, json={"type": 9, "data": {}})) == (400, 50035)
    assert error(anybody.post(CALLBACK, json={"type": 4})) == (400, 50035)


def test_other_programs_read_replies_over_http(anybody: httpx.Client, discord: FakeDiscord) -> None:
    local = client(discord, "/_local")
    second = {**INTERACTION, "id": "2", "token": "two"}
    assert local.post("/reply", json={"token": "two"}).status_code == 400
    assert local.post("/issue", json={"interaction": second}).json() is None
    anybody.post("/interactions/2/two/callback", json=LATER)
    assert local.post("/reply", json={"token": "two"}).json() == discord.reply("two")
    assert client(discord, "").get("/attachments/1/2/gone.csv").status_code == 404
    assert [entry["path"] for entry in local.get("/requests").json()["requests"]] == [
        "/interactions/2/{interaction_token}/callback"
    ]


# What the bot may know of itself


def test_the_bot_and_its_application(bot: httpx.Client, discord: FakeDiscord) -> None:
    assert bot.get("/users/@me").json()["id"] == APPLICATION
    application = bot.get("/applications/@me").json()
    assert (application["id"], application["interactions_endpoint_url"]) == (APPLICATION, None)
    discord.endpoint.url = "https://example.org/interactions"
    assert bot.get("/applications/@me").json()["interactions_endpoint_url"] == "https://example.org/interactions"


def test_the_bots_roles_in_a_server(bot: httpx.Client) -> None:
    (role_id,) = bot.get(f"/guilds/7/members/{APPLICATION}").json()["roles"]
    everyone, own = bot.get("/guilds/7/roles").json()
    assert (everyone["id"], own["id"]) == ("7", role_id)
    assert error(bot.get(f"/guilds/7/members/{MEMBER}")) == (404, 10007)


def test_a_server_that_the_bot_is_not_in(bot: httpx.Client, discord: FakeDiscord) -> None:
    discord.forbid("7", 50001)
    for path in (
        f"/guilds/7/members/{APPLICATION}",
        "/guilds/7/roles",
        f"/applications/{APPLICATION}/guilds/7/commands",
    ):
        assert error(bot.get(path)) == (403, 50001)

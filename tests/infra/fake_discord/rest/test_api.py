"""Who may ask for what, and what bodies are refused."""

import httpx
import pytest

from infra.fake_discord.fake import FakeDiscord
from tests.infra.fake_discord.caller import BUTTON, CHANNEL, MESSAGES, TOKEN, error, http


@pytest.mark.parametrize("authorization", [TOKEN, "Bot other", f"Bearer {TOKEN}", ""])
def test_a_wrong_token_is_401(discord: FakeDiscord, authorization: str) -> None:
    answer = http(discord, Authorization=authorization).get(MESSAGES)
    assert (answer.status_code, answer.json()) == (401, {"message": "401: Unauthorized", "code": 0})


@pytest.mark.parametrize("agent", ["python-httpx/0.28", "DiscordBot", "DiscordBot (https://example.org)"])
def test_a_wrong_user_agent_is_stopped_at_the_door(discord: FakeDiscord, agent: str) -> None:
    assert error(http(discord, **{"User-Agent": agent}).get(MESSAGES)) == (403, 40333)


def test_another_applications_commands_are_not_ours(bot: httpx.Client) -> None:
    assert error(bot.put("/applications/1/commands", json=[])) == (403, 20012)


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

"""The doctor's look at Discord: every check seen well and seen failing."""

import json
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest
from nacl.signing import SigningKey

from infra.doctor import discord as doctor
from infra.doctor.check import Finding, Status, once
from infra.fake_discord.fake import FakeDiscord
from infra.local.keys import Keys
from shared.discord import rest
from shared.interactions.registration import registration
from tests.conftest import Surroundings
from tests.infra.doctor.conftest import assert_failed, finding
from tests.proxy import Answer, Proxy, Request, Trouble, broken, nobody, serving

GUILD = "770000000000000002"


def look(name: str, guild_id: str | None = None) -> Finding:
    """What one check finds."""
    return finding(doctor.checks(guild_id, once(doctor.fetch_application)), name)


@pytest.fixture
def endpoint(reachable: FakeDiscord) -> Iterator[Proxy]:
    """An endpoint that Discord knows and that answers as the functions do, but for the troubles of a test."""
    with serving(nobody()) as proxy:
        reachable.endpoint.url = proxy.url
        proxy.next(broken(401))
        yield proxy
        proxy.troubles.clear()


def changed(**fields: Any) -> Trouble:
    """An answer of Discord's with other values in some fields."""

    def trouble(request: Request, forward: Any) -> Answer:
        status, headers, body = forward(request)
        return status, headers, json.dumps(json.loads(body) | fields).encode()

    return trouble


def test_all_is_well(endpoint: Proxy, keys: Keys) -> None:
    rest.put_commands(registration())
    found = {check.name: check.run() for check in doctor.checks(GUILD, once(doctor.fetch_application))}
    assert {name: f for name, f in found.items() if f.status is not Status.OK} == {}
    assert keys.application_id in found["token"].said
    rest.put_commands([])


@pytest.mark.parametrize("name", ["token", "application", "public key", "interactions URL", "commands"])
def test_a_token_that_discord_refuses(reachable: FakeDiscord, surroundings: Surroundings, name: str) -> None:
    surroundings.set(DISCORD_BOT_TOKEN="marked-token")
    assert_failed(look(name), "Discord answered 401", "Reset Token")


def test_one_refusal_answers_all_checks_that_ask_the_same(discord_proxy: Proxy, surroundings: Surroundings) -> None:
    surroundings.set(DISCORD_BOT_TOKEN="marked-token")
    for check in doctor.checks(GUILD, once(doctor.fetch_application)):
        check.run()
    assert discord_proxy.paths().count("/applications/@me") == 1  # refusals count towards a ban


def test_missing_settings(reachable: FakeDiscord, monkeypatch: pytest.MonkeyPatch) -> None:
    rest.client().close()
    rest.client.cache_clear()
    with monkeypatch.context() as patch:
        patch.delenv("DISCORD_BOT_TOKEN")
        assert_failed(look("token"), "DISCORD_BOT_TOKEN (missing)", "Set these variables")


def test_discord_does_not_answer(reachable: FakeDiscord, surroundings: Surroundings) -> None:
    surroundings.set(DISCORD_API_URL=nobody())
    assert_failed(look("token"), "Discord answered 0", "Try again")


def test_the_application_is_another_one(reachable: FakeDiscord, surroundings: Surroundings) -> None:
    surroundings.set(DISCORD_APPLICATION_ID="12345")
    assert_failed(look("application"), "DISCORD_APPLICATION_ID is 12345", "from one application")


def test_the_public_key_is_another_one(reachable: FakeDiscord, surroundings: Surroundings) -> None:
    other = SigningKey.generate().verify_key.encode().hex()
    surroundings.set(DISCORD_PUBLIC_KEY=other)
    assert_failed(look("public key"), "another key", "DISCORD_PUBLIC_KEY")


def test_of_several_public_keys_one_is_enough(reachable: FakeDiscord, surroundings: Surroundings, keys: Keys) -> None:
    other = SigningKey.generate().verify_key.encode().hex()
    surroundings.set(DISCORD_PUBLIC_KEY=f"{other},{keys.public_key}")
    found = look("public key")
    assert found.status is Status.OK
    assert "1 more accepted" in found.said


@pytest.mark.parametrize("name", ["interactions URL", "signatures"])
def test_no_interactions_url_is_set(reachable: FakeDiscord, name: str) -> None:
    assert_failed(look(name), "no" if name == "signatures" else "No Interactions Endpoint URL")


@pytest.mark.parametrize(
    ("status", "do"),
    [(200, "anybody can claim"), (403, "both permissions"), (404, "InteractionsUrl"), (502, "log"), (500, "log")],
)
def test_a_wrong_signature_is_not_refused(endpoint: Proxy, status: int, do: str) -> None:
    endpoint.troubles.clear()
    endpoint.next(broken(status))
    assert_failed(look("signatures"), f"answered with {status}", do)


def test_the_probe_is_badly_signed_and_tells_no_secret(endpoint: Proxy, keys: Keys) -> None:
    assert look("signatures").status is Status.OK
    (probe,) = endpoint.requests
    headers = {name.lower(): value for name, value in probe.headers.items()}
    assert (probe.method, probe.body) == ("POST", b'{"type":1}')
    assert headers["x-signature-ed25519"] == "00" * 64
    assert headers["x-signature-timestamp"].isdecimal()
    assert keys.bot_token not in str(headers)


def test_the_endpoint_is_not_there(reachable: FakeDiscord) -> None:
    reachable.endpoint.url = nobody()
    assert_failed(look("signatures"), "does not answer (ConnectError)", "deployed")


def test_discord_has_other_commands(reachable: FakeDiscord) -> None:
    rest.put_commands([*registration()[1:], {"name": "old", "description": "Old", "type": 1}])
    found = look("commands")
    assert_failed(found, "- /old", "python -m infra.deploy.register_commands")
    assert f"+ /{registration()[0]['name']}" in found.said
    rest.put_commands([])


def test_servers_are_not_asked_for_all_that_is_needed(reachable: FakeDiscord, discord_proxy: Proxy) -> None:
    asked = {"scopes": ["applications.commands"], "permissions": str(1 << 10 | 1 << 11 | 1 << 14 | 1 << 38)}
    discord_proxy.next(changed(integration_types_config={"0": {"oauth2_install_params": asked}}))
    found = look("installation")
    assert found.status is Status.WARNING
    assert "bot, Read Message History" in found.said
    discord_proxy.next(changed(integration_types_config={}))
    assert "not set up" in look("installation").said


def test_the_older_kind_of_install_link_counts(reachable: FakeDiscord, discord_proxy: Proxy) -> None:
    asked = {"scopes": ["applications.commands", "bot"], "permissions": "8"}  # an administrator lacks nothing
    discord_proxy.next(changed(integration_types_config={}, install_params=asked))
    assert look("installation").status is Status.OK


def test_permissions_are_seen_for_one_server(reachable: FakeDiscord, discord_proxy: Proxy) -> None:
    found = look("permissions")
    assert found.status is Status.WARNING
    assert "--guild ID" in found.do

    roles = [{"id": GUILD, "permissions": str(1 << 10)}, {"id": "9", "permissions": str((1 << 40) - 1)}]
    discord_proxy.next(None, None, broken(200, json.dumps(roles), content_type="application/json"))
    found = look("permissions", GUILD)
    assert_failed(found, "lacks Send Messages, Embed Links", "Server Settings > Roles")
    assert "View Channel" not in found.said  # @everyone may; the role 9 is not the bot's


def test_the_bot_is_not_in_the_server(reachable: FakeDiscord) -> None:
    reachable.forbid(GUILD, 50001)
    assert_failed(look("permissions", GUILD), f"answered {HTTPStatus.FORBIDDEN}", "invite it")
    reachable.allow(GUILD)

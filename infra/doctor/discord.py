"""Discord: does it accept our token, can it reach the function, and does it have our commands?

https://discord.com/developers/docs/resources/application
"""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import httpx
from nacl.encoding import HexEncoder

from infra.deploy.command_diff import diff
from infra.deploy.register_commands import advice
from infra.doctor.check import Check, CheckError, Finding, failed, ok, once, warning
from shared import features
from shared.discord import permissions, rest
from shared.discord.error import DiscordError
from shared.interactions.registration import registration
from shared.settings import DiscordSettings, SettingsError, SignatureSettings

features.declare_all()

AREA = "Discord"
PORTAL = "Discord Developer Portal > General Information"
SECONDS = 5.0
IN_SERVERS = "0"  # the integration type of an application that is installed to a server
THREAD = 11
WRONG_SIGNATURE = {"X-Signature-Ed25519": "00" * 64, "Content-Type": "application/json"}

Json = dict[str, Any]
Fetch = Callable[[], Json]


def get(path: str) -> Any:
    """GET a path of Discord's REST API. Raises CheckError."""
    try:
        return rest.send(rest.Request("GET", path, path), timeout=SECONDS)
    except DiscordError as error:
        raise CheckError(f"Discord answered {error.status}, code {error.code}.", advice(error)) from None


fetch_application: Fetch = partial(get, "/applications/@me")


def checks(guild_id: str | None, application: Fetch) -> list[Check]:
    """All checks of this area; `application` fetches our application from Discord."""
    bot = once(partial(get, "/users/@me"))
    return [
        Check(AREA, "token", lambda: _token(bot())),
        Check(AREA, "application", lambda: _application(application())),
        Check(AREA, "public key", lambda: _public_key(application())),
        Check(AREA, "interactions URL", lambda: _interactions_url(application())),
        Check(AREA, "signatures", lambda: _signatures(application())),
        Check(AREA, "commands", _commands),
        Check(AREA, "installation", lambda: _installation(application())),
        Check(AREA, "permissions", lambda: _permissions(bot(), guild_id)),
    ]


def _token(bot: Json) -> Finding:
    return ok(f"The token is that of {bot['username']} ({bot['id']}).")


def _application(application: Json) -> Finding:
    ours = DiscordSettings.load().application_id
    if application["id"] != ours:
        return failed(
            f"The token belongs to the application {application['id']}, DISCORD_APPLICATION_ID is {ours}.",
            f"Take id, public key and token from one application ({PORTAL}).",
        )
    return ok(f"{application['name']} ({ours}) is in {application['approximate_guild_count']} servers.")


def _public_key(application: Json) -> Finding:
    ours = [key.encode(HexEncoder).decode() for key in SignatureSettings.load().public_keys]
    if application["verify_key"].lower() not in ours:
        return failed(
            "Discord signs with another key than those of DISCORD_PUBLIC_KEY: every interaction is refused.",
            f"Set DISCORD_PUBLIC_KEY to the Public Key of {PORTAL}, then run `sam deploy`.",
        )
    others = f" {len(ours) - 1} more accepted: remove what is no longer used." if len(ours) > 1 else ""
    return ok(f"Discord signs with the key that is accepted.{others}")


def _interactions_url(application: Json) -> Finding:
    url = application["interactions_endpoint_url"]
    if not url:
        return failed(
            "No Interactions Endpoint URL is set, or Discord removed it because it was not answered as it must be.",
            f"Enter the InteractionsUrl that `sam deploy` printed ({PORTAL}).",
        )
    return ok(f"{url} (Discord saved it, so it answered a well-signed PING then).")


def _signatures(application: Json) -> Finding:
    """Send a badly signed request, as Discord does now and then; only Discord can send a well-signed one."""
    url = application["interactions_endpoint_url"]
    if not url:
        raise CheckError("Nothing to ask: no Interactions Endpoint URL is set.", "Set it first, see above.")
    headers = WRONG_SIGNATURE | {"X-Signature-Timestamp": str(int(time.time()))}
    try:
        status = httpx.post(url, content=b'{"type":1}', headers=headers, timeout=SECONDS).status_code
    except (httpx.TransportError, httpx.InvalidURL) as error:
        return failed(f"{url} does not answer ({type(error).__name__}).", "Is the stack deployed, and is this its URL?")
    if status == httpx.codes.UNAUTHORIZED:
        return ok("A wrong signature is answered with 401.")
    return failed(f"A wrong signature is answered with {status}, it must be 401.", _REMEDIES.get(status, _LOOK_AT_LOGS))


_LOOK_AT_LOGS = "Look at the log of InteractionsFunction."
_REMEDIES = {
    200: "Signatures are not verified: anybody can claim. Is this URL that of this release's function?",
    403: "The Function URL may not invoke the function: deploy with `sam deploy`, which adds both permissions.",
    404: "This is not the function's URL: compare it with the stack's output InteractionsUrl.",
    429: "The function has no concurrency left: look at ReservedConcurrency and at the account's limit.",
    502: f"The function does not start or fails. {_LOOK_AT_LOGS}",
}


def _commands() -> Finding:
    try:
        found = diff(rest.get_commands(timeout=SECONDS), registration())
    except DiscordError as error:
        raise CheckError(f"Discord answered {error.status}, code {error.code}.", advice(error)) from None
    if found:
        lines = [line for line in str(found).splitlines() if line[0] in "+~-"]
        return failed(f"Discord has others: {'; '.join(lines)}.", "Run python -m infra.deploy.register_commands.")
    return ok(f"Discord has the {len(registration())} commands of this release.")


def _installation(application: Json) -> Finding:
    """The scopes and permissions that a server grants when it adds the application."""
    configured = application.get("integration_types_config", {}).get(IN_SERVERS) or {}
    requested = configured.get("oauth2_install_params") or application.get("install_params")
    if not requested:
        return warning(
            "Discord's own Add App button is not set up.",
            f"Discord Developer Portal > Installation: scopes applications.commands and bot; permissions {_needed()}.",
        )
    lacking = sorted({"applications.commands", "bot"} - set(requested["scopes"]))
    lacking += _lacking(int(requested["permissions"]))
    if lacking:
        return warning(
            f"Servers that add the application are not asked for {', '.join(lacking)}.",
            "Add them under Discord Developer Portal > Installation.",
        )
    return ok("Servers that add the application are asked for all that it needs.")


def _permissions(bot: Json, guild_id: str | None) -> Finding:
    if guild_id is None:
        return warning(
            "What a server lets the bot do is seen for one server at a time.",
            f"Name one with --guild ID. It needs {_needed()}; a channel may still deny it.",
        )
    granted = _granted(bot["id"], guild_id)
    lacking = _lacking(granted)
    if lacking:
        return failed(
            f"In the server {guild_id} the bot lacks {', '.join(lacking)}.",
            "Server Settings > Roles > the bot's role: allow them.",
        )
    return ok(f"In the server {guild_id} the bot's roles allow what it needs; a channel may still deny it.")


def _granted(bot_id: str, guild_id: str) -> int:
    """The permissions of the bot's roles in a server, with those of @everyone, whose role id is the server's."""
    member = get(rest.path("/guilds/{}/members/{}", guild_id, bot_id))
    roles = get(rest.path("/guilds/{}/roles", guild_id))
    granted = 0
    for role in roles:
        if role["id"] in {guild_id, *member["roles"]}:
            granted |= int(role["permissions"])
    return granted


def _lacking(granted: int) -> list[str]:
    """The names of the permissions that the bot lacks to post a drop in a channel or a thread."""
    return list(dict.fromkeys(permissions.missing(granted, 0) + permissions.missing(granted, THREAD)))


def _needed() -> str:
    return ", ".join(_lacking(0))


def secrets() -> set[str]:
    """The secrets of this area, which must not be printed."""
    found = {os.environ.get("DISCORD_BOT_TOKEN", "")}
    with suppress(SettingsError):
        found.add(DiscordSettings.load().bot_token.get_secret_value())
    return found

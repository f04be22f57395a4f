"""The registration of application commands over REST."""

from collections.abc import Mapping

from starlette.requests import Request

from infra.fake_discord.contract import Json
from infra.fake_discord.resources.commands import GLOBAL_ALONE, new_command
from infra.fake_discord.resources.snowflakes import snowflake
from infra.fake_discord.rest.bot import Answer, Bot, Operations

COMMANDS = "/applications/{application_id}/commands"
GUILD_COMMANDS = "/applications/{application_id}/guilds/{guild_id}/commands"


def list_commands(bot: Bot, request: Request, _: None) -> Answer:
    """List the global commands, or those of one server."""
    return 200, bot.store.commands(request.path_params.get("guild_id"))


def set_commands(bot: Bot, request: Request, body: list[Json] | None) -> Answer:
    """Replace all commands."""
    guild_id = request.path_params.get("guild_id")
    known = {(command["type"], command["name"]): command for command in bot.store.commands(guild_id)}
    fresh = [_registered(bot, command, known, guild_id) for command in body or []]
    bot.store.replace_commands(guild_id, fresh)
    return 200, fresh


def _registered(bot: Bot, command: Json, known: Mapping[tuple[int, str], Json], guild_id: str | None) -> Json:
    """A command as Discord gives it back; it keeps its id while its name and type stay."""
    fields = {**new_command(command), "application_id": bot.application_id}
    if guild_id:
        fields |= GLOBAL_ALONE | {"guild_id": guild_id}
    old = known.get((fields["type"], fields["name"]), {})
    fields["id"] = old.get("id") or snowflake(bot.clock())
    same = {**fields, "version": old.get("version")} == old
    return old if same else {**fields, "version": snowflake(bot.clock())}


OPERATIONS: Operations = {
    (method, template): operation
    for template in (COMMANDS, GUILD_COMMANDS)
    for method, operation in (("GET", list_commands), ("PUT", set_commands))
}

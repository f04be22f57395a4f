"""Trim Discord's OpenAPI description to the routes of `ROUTES` and the schemas that they need: openapi.json.

    python -m infra.fake_discord.trim_openapi PATH

PATH is the whole description: specs/openapi.json of https://github.com/discord/discord-api-spec. To call one more
route of Discord, add it to `ROUTES` and run this. Explanations, headers and query parameters are left out, because
nothing checks them.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TRIMMED = Path(__file__).with_name("openapi.json")
LINE_LENGTH = 120

# What the bundle and its operators call, and what concerns messages, reactions, threads and commands besides.
ROUTES = {
    "/applications/@me": ("get",),
    "/applications/{application_id}/commands": ("get", "put", "post"),
    "/applications/{application_id}/commands/{command_id}": ("get", "patch", "delete"),
    "/applications/{application_id}/guilds/{guild_id}/commands": ("get", "put"),
    "/channels/{channel_id}": ("get", "patch"),
    "/channels/{channel_id}/messages": ("get", "post"),
    "/channels/{channel_id}/messages/{message_id}": ("get", "patch", "delete"),
    "/channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}": ("get", "delete"),
    "/channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me": ("put", "delete"),
    "/channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/{user_id}": ("delete",),
    "/gateway": ("get",),
    "/gateway/bot": ("get",),
    "/guilds/{guild_id}": ("get",),
    "/guilds/{guild_id}/channels": ("get",),
    "/guilds/{guild_id}/emojis/{emoji_id}": ("get",),
    "/guilds/{guild_id}/members/{user_id}": ("get",),
    "/guilds/{guild_id}/roles": ("get",),
    "/guilds/{guild_id}/threads/active": ("get",),
    "/interactions/{interaction_id}/{interaction_token}/callback": ("post",),
    "/users/@me": ("get",),
    "/webhooks/{webhook_id}/{webhook_token}/messages/@original": ("get", "patch", "delete"),
}

Json = dict[str, Any]


def trim(description: Json) -> Json:
    """The part of the description that `ROUTES` need; KeyError when it lacks one of them."""
    paths = {
        path: {method: _operation(description["paths"][path][method]) for method in methods}
        for path, methods in ROUTES.items()
    }
    info = {name: description["info"][name] for name in ("title", "license", "version")}
    components = _components(description["components"], paths)
    return {"openapi": description["openapi"], "info": info, "paths": paths, "components": components}


def render(value: Any, indent: str = "") -> str:
    """JSON that puts on one line what fits there: small, and with readable diffs."""
    line = json.dumps(value, ensure_ascii=False)
    if len(indent + line) <= LINE_LENGTH or not isinstance(value, dict | list):
        return line
    deeper = f"{indent} "
    if isinstance(value, dict):
        items = [f"{deeper}{json.dumps(key)}: {render(item, deeper)}" for key, item in value.items()]
    else:
        items = [f"{deeper}{render(item, deeper)}" for item in value]
    return "\n".join(["{" if isinstance(value, dict) else "[", ",\n".join(items), indent + line[-1]])


def _operation(operation: Json) -> Json:
    """What is sent and answered, as JSON."""
    responses = {status: _json_only(response) for status, response in operation["responses"].items()}
    if "requestBody" not in operation:
        return {"responses": responses}
    return {"requestBody": _json_only(operation["requestBody"]), "responses": responses}


def _json_only(message: Json) -> Json:
    """A request or a response without other content types and headers."""
    kept: Json = {name: message[name] for name in ("$ref", "required") if name in message}
    if "content" in message:
        kept["content"] = {"application/json": _unexplained(message["content"]["application/json"])}
    return kept


def _unexplained(schema: Any) -> Any:
    """A schema without its descriptions; a property may be named so."""
    if isinstance(schema, list):
        return [_unexplained(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: _unexplained(value) for key, value in schema.items() if key not in ("description", "properties")}
    if "properties" in schema:
        kept["properties"] = {name: _unexplained(value) for name, value in schema["properties"].items()}
    return kept


def _components(components: Json, paths: Json) -> Json:
    """The responses and schemas that the paths refer to, directly or through others, sorted by name."""
    found: dict[tuple[str, str], Json] = {}
    left = set(_references(paths))
    while left:
        kind, name = left.pop()
        component = components[kind][name]
        found[kind, name] = _unexplained(component) if kind == "schemas" else _json_only(component)
        left |= set(_references(found[kind, name])) - set(found)
    return {
        kind: {name: found[of, name] for of, name in sorted(found) if of == kind} for kind in ("responses", "schemas")
    }


def _references(value: Any) -> Iterator[tuple[str, str]]:
    """The kind and name of each component that is referred to, anywhere inside."""
    if isinstance(value, dict) and isinstance(reference := value.get("$ref"), str):
        _, _, kind, name = reference.split("/")
        yield kind, name
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _references(item)


def main(path: str) -> None:
    """Read the whole description and write the trimmed one."""
    TRIMMED.write_text(render(trim(json.loads(Path(path).read_bytes()))) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])

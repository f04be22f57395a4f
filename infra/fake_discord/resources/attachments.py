"""Files of messages as Discord describes them."""

from collections.abc import Iterator
from urllib.parse import quote

from infra.fake_discord.contract import Json
from infra.fake_discord.resources.snowflakes import snowflake


def new_attachment(filename: str, content: bytes, content_type: str, folder: str, at: float) -> Json:
    """A file of a message as Discord describes it; `folder` is the URL that it lies under."""
    attachment_id = snowflake(at)
    url = f"{folder}/{attachment_id}/{quote(filename)}"
    described = {"id": attachment_id, "filename": filename, "size": len(content), "content_type": content_type}
    return {**described, "url": url, "proxy_url": url}


SCHEME = "attachment://"


def with_files(message: Json, files: list[Json]) -> Json:
    """A message with its files as Discord shows it: what an embed shows by its name is not shown once more below.

    https://github.com/discord/discord-api-docs/issues/1340
    """
    named = {f"{SCHEME}{file['filename']}": file for file in files}
    used = {named[url]["id"] for _, url in _references(message) if url in named}
    shown = {**message, "embeds": [_resolved(embed, named) for embed in message["embeds"]]}
    return {**shown, "attachments": [file for file in files if file["id"] not in used]}


def _references(message: Json) -> Iterator[tuple[str, str]]:
    for embed in message["embeds"]:
        yield from ((part, embed[part]["url"]) for part in ("image", "thumbnail") if part in embed)


def _resolved(embed: Json, named: dict[str, Json]) -> Json:
    """An embed with the addresses of its pictures; one of a file that is not there shows nothing."""
    shown = dict(embed)
    for part in ("image", "thumbnail"):
        url = embed.get(part, {}).get("url", "")
        if url in named:
            shown[part] = {"url": named[url]["url"], "proxy_url": named[url]["proxy_url"]}
        elif url.startswith(SCHEME):
            del shown[part]
    return shown

"""Pictures that people give to options, fetched from where Discord serves them, and from nowhere else.

https://discord.com/developers/docs/reference#signed-attachment-cdn-urls
"""

import time
from functools import cache

import httpx

from shared.connection import ssl_context
from shared.discord.rest import USER_AGENT
from shared.settings import DiscordSettings

HOSTS = ("cdn.discordapp.com", "media.discordapp.net")
LARGEST = 8 * 2**20  # bytes
SUFFIXES = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}  # by media type
_SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")


class PictureError(Exception):
    """A picture that is not taken; `why` is elsewhere, gone, large, other (no picture at all) or slow."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def fetch(url: str, *, timeout: float) -> bytes:
    """The picture at an address of Discord's, within about so many seconds. Raises PictureError."""
    if not _is_discords(url):
        raise PictureError("elsewhere")
    try:
        content = _read(url, time.monotonic() + timeout, timeout)
    except httpx.TimeoutException:
        raise PictureError("slow") from None
    except httpx.HTTPError:
        raise PictureError("gone") from None
    if not _is_picture(content):
        raise PictureError("other")
    return content


@cache
def _client() -> httpx.Client:
    """A client that knows no token and follows no redirect; compressed content would have no known size."""
    return httpx.Client(headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity"}, verify=ssl_context())


def _read(url: str, deadline: float, timeout: float) -> bytes:
    content = bytearray()
    with _client().stream("GET", url, timeout=timeout) as response:
        if response.status_code != httpx.codes.OK:
            raise PictureError("gone")
        for part in response.iter_raw():
            content += part
            if len(content) > LARGEST:
                raise PictureError("large")
            if time.monotonic() > deadline:
                raise PictureError("slow")
    return bytes(content)


def _is_discords(url: str) -> bool:
    """Whether Discord serves an address: its file hosts, or on a local stack what stands for them."""
    try:
        address = httpx.URL(url)
    except httpx.InvalidURL:
        return False
    if address.userinfo:
        return False
    if address.host in HOSTS:
        return address.scheme == "https" and address.port is None
    local = httpx.URL(DiscordSettings.load().api_url)
    is_local = local.host != "discord.com" and address.netloc == local.netloc and address.scheme == local.scheme
    return is_local and address.path.startswith("/attachments/")


def _is_picture(content: bytes) -> bool:
    """Whether a file begins as a PNG, JPEG, GIF or WebP does, whatever it is called."""
    return content.startswith(_SIGNATURES) or (content[:4] == b"RIFF" and content[8:12] == b"WEBP")

"""Pictures are fetched from where Discord serves them, and from nowhere else."""

import pytest

from infra.fake_discord.fake import FakeDiscord
from shared.discord import pictures
from tests.proxy import Proxy, broken, late

PNG = b"\x89PNG\r\n\x1a\n and so on"


@pytest.mark.parametrize("content", [PNG, b"\xff\xd8\xff\xe0", b"GIF87a", b"GIF89a", b"RIFF\x00\x00\x00\x00WEBPVP8 "])
def test_a_picture_is_told_by_how_it_begins(
    served_discord: tuple[FakeDiscord, str], local_discord: FakeDiscord, functions: object, content: bytes
) -> None:
    folder = served_discord[1].replace("/api/v10", "/attachments/1")
    file = local_discord.upload("a.png", content, "image/png", folder)
    assert pictures.fetch(file["url"], timeout=5) == content


@pytest.mark.usefixtures("functions")
@pytest.mark.parametrize(
    "url",
    [
        "https://cdn.discordapp.com.example/a.png",
        "https://discordapp.com/attachments/1/2/a.png",
        "http://media.discordapp.net/a.png",
        "https://x@cdn.discordapp.com/a.png",
        "//cdn.discordapp.com/a.png",
        "gopher://cdn.discordapp.com/",
        "not an address",
    ],
)
def test_another_address_is_not_asked(url: str) -> None:
    with pytest.raises(pictures.PictureError, match="elsewhere"):
        pictures.fetch(url, timeout=5)


def test_what_takes_too_long_is_slow(discord_proxy: Proxy) -> None:
    discord_proxy.next(late(0.5))
    with pytest.raises(pictures.PictureError, match="slow"):
        pictures.fetch(f"{discord_proxy.url}/attachments/1/2/a.png", timeout=0.1)


def test_a_redirect_is_not_followed(discord_proxy: Proxy) -> None:
    discord_proxy.next(broken(302, location=f"{discord_proxy.url}/attachments/1/3/b.png"))
    with pytest.raises(pictures.PictureError, match="gone"):
        pictures.fetch(f"{discord_proxy.url}/attachments/1/2/a.png", timeout=5)
    assert len(discord_proxy.requests) == 1


def test_discords_own_hosts_are_asked() -> None:
    for host in pictures.HOSTS:
        assert pictures._is_discords(f"https://{host}/attachments/1/2/a.png?ex=1&is=2&hm=3")

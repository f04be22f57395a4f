"""Files of messages as Discord describes them."""

from urllib.parse import quote

from infra.fake_discord.contract import Json
from infra.fake_discord.resources.snowflakes import snowflake


def new_attachment(filename: str, content: bytes, content_type: str, folder: str, at: float) -> Json:
    """A file of a message as Discord describes it; `folder` is the URL that it lies under."""
    attachment_id = snowflake(at)
    url = f"{folder}/{attachment_id}/{quote(filename)}"
    described = {"id": attachment_id, "filename": filename, "size": len(content), "content_type": content_type}
    return {**described, "url": url, "proxy_url": url}

"""Files that are sent with a message.

https://docs.discord.com/developers/reference#uploading-files
"""

from starlette.requests import Request

from infra.fake_discord.contract import Json, Problem
from infra.fake_discord.errors import api_error, invalid_form
from infra.fake_discord.resources.attachments import new_attachment
from infra.fake_discord.resources.messages import EPHEMERAL
from infra.fake_discord.rest.bot import Bot
from infra.fake_discord.rest.parse import File

FILE_BYTES, REQUEST_BYTES = 10 * 2**20, 25 * 2**20


class Uploads:
    """The files of a request for a message, described but not stored yet."""

    def __init__(self, bot: Bot, request: Request, message: Json, limit: int = FILE_BYTES) -> None:
        files: dict[str, File] = request.state.files
        if any(len(file.content) > limit for file in files.values()) or request.state.size > REQUEST_BYTES:
            raise api_error(40005)
        folder = f"{request.base_url}attachments/{message['channel_id']}"
        private = {"ephemeral": True} if message["flags"] & EPHEMERAL else {}
        self._bot = bot
        self._contents = [file.content for file in files.values()]
        self._numbers = [name.removeprefix("files[").removesuffix("]") for name in files]
        self.described = [
            {**new_attachment(*file, folder=folder, at=bot.clock()), **private} for file in files.values()
        ]

    def check_named(self, named: list[Json] | None, old: list[Json]) -> None:
        """Refuse a body whose `attachments` name a file that is neither sent with it nor there."""
        known = {*self._numbers, *(file["id"] for file in old)}
        for place, attachment in enumerate(named or []):
            if str(attachment["id"]) not in known:
                where = ("attachments", place, "id")
                raise invalid_form([Problem(where, "Invalid attachment", "ATTACHMENT_NOT_FOUND")])

    def store(self, message: Json) -> None:
        """Store the contents, once the message is stored."""
        for file, content in zip(self.described, self._contents, strict=True):
            self._bot.store.add_attachment(file["id"], message["id"], content)


def kept(old: list[Json], named: list[Json] | None) -> list[Json]:
    """The files that an edit leaves: all where it names none."""
    return [file for file in old if named is None or file["id"] in [str(new["id"]) for new in named]]

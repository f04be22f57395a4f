"""The playground's HTTP API as one member uses it in one channel."""

from dataclasses import dataclass, field
from typing import Any

import httpx

from infra.fake_discord.contract import Json


@dataclass
class Visit:
    """Asks what the page asks; `_` at the end of a parameter's name is left out, as in `as_`."""

    http: httpx.Client
    world: Json = field(default_factory=dict)
    who: str = "Ada"
    server: str = ""
    channel: str = ""

    def member(self, name: str) -> str:
        (found,) = [member["id"] for member in self.world["members"] if member["name"] == name]
        return str(found)

    def ask(self, path: str, /, expect: int = 200, **body: Any) -> Json:
        response = self.http.post(path, json={name.rstrip("_"): value for name, value in body.items()})
        assert response.status_code == expect, response.text
        return dict(response.json())

    def look(self, path: str, /, expect: int = 200, **query: str) -> Json:
        response = self.http.get(path, params={name.rstrip("_"): value for name, value in query.items()})
        assert response.status_code == expect, response.text
        return dict(response.json())

    def act(self, do: str, /, who: str = "", expect: int = 200, **more: Any) -> Json:
        place = {"server": self.server, "channel": self.channel, "as_": self.member(who or self.who)}
        return self.ask("/api/act", expect, do=do, **{**place, **more})

    def command(self, path: str, /, who: str = "", **options: Any) -> Json:
        return self.act("command", who, command=path, options=options)

    def messages(self, who: str = "") -> list[Json]:
        read = self.look("/api/messages", channel=self.channel, as_=self.member(who or self.who))
        return list(read["messages"])

    def message(self, message_id: str, who: str = "") -> Json:
        """A message as a member sees it."""
        (found,) = [message for message in self.messages(who) if message["id"] == message_id]
        return found

    def drop(self, **options: Any) -> Json:
        """Post a drop; gives its message."""
        done = self.command("drop create", **{"event": "quest"} | options)
        assert "The drop is in" in done["message"]["content"], done
        return [message for message in self.messages() if message["components"]][-1]

    def crowd(self, message: Json, members: int, expect: int = 200) -> Json:
        """Let many members click the button of a message."""
        target = {"channel": self.channel, "message": message["id"], "custom_id": button(message)}
        return self.ask("/api/crowd", expect, server=self.server, members=members, **target)

    def click(self, message: Json, who: str = "Alice", expect: int = 200) -> Json:
        return self.act("click", who, expect, message=message["id"], custom_id=button(message))


def enabled(message: Json) -> str:
    """The custom_id of the one button that is enabled."""
    (found,) = [part["custom_id"] for part in message["components"][0]["components"] if not part.get("disabled")]
    return str(found)


def button(message: Json) -> str:
    """The custom_id of the first button."""
    return str(message["components"][0]["components"][0]["custom_id"])


def changed_tables(done: Json, what: str) -> list[str]:
    """The tables of the rows that were inserted, updated or deleted."""
    return [change["table"] for change in done["changes"] if change["what"] == what]

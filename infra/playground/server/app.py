"""The playground's HTTP API, and the page that uses it.

    GET   /api/world               servers, roles, members, commands, schedules, the clock, a brand with its key,
                                   who sits in a voice channel, and which parts are real
    GET   /api/messages            ?channel= &as= a member's id: the messages that this member sees
    GET   /api/audit, /api/books   ?server= the newest entries of the audit log; the figures that must agree
    GET   /api/steps               ?server= the first steps that were taken there; none with a real database
    GET   /api/events              server-sent events: message, message_deleted, ephemeral, ephemeral_gone, clock,
                                   member, audit, crowd, activity, voice
    PATCH /api/members/<id>        change roles, is_admin or locale
    POST  /api/act                 an interaction; answers the reply and the changed rows
    POST  /api/say, react, delete  what members do without the bot; messages and reactions are sent to the events
    POST  /api/voice               endpoint, and so is the time that a member sits in the voice channel of a server
    POST  /api/clock, run, crowd   move the time; run a scheduled function; let many members click

The bodies are in schemas.py. A refusal is answered with {"error": "a sentence"}.
"""

from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sse_starlette import EventSourceResponse
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from infra.fake_discord.contract import Json
from infra.fake_discord.errors import DiscordError
from infra.fake_discord.interaction_data import NotOfferedError
from infra.fake_discord.resources.servers import FORUM
from infra.local.server import HttpServer
from infra.local.stack import Stack
from infra.playground.server import books, page, rows, schemas, steps, world
from infra.playground.server.actions import Actions
from infra.playground.server.crowd import Crowd, Rush, new_members
from infra.playground.server.errors import RefusedError
from infra.playground.server.events import Events
from infra.playground.server.feed import Feed
from infra.playground.server.guard import Guard
from infra.playground.server.relay import Relay
from infra.playground.server.world import World

Endpoint = Callable[[Request], Awaitable[Response]]


class Playground:
    """Serves the page of a stack while the `with` lasts; the stack's Discord must be the fake one."""

    def __init__(self, stack: Stack, port: int = 0) -> None:
        assert stack.discord is not None
        self._stack = stack
        self._discord = stack.discord
        self._database_url = stack.description.database_url
        self._events = Events()
        self._world = World(stack.discord)
        self._feed = Feed(stack.discord, self._events)
        self._actions = Actions(stack, self._world, self._feed)
        self._crowd = Crowd(self._events)
        self._relay = Relay(stack, self._world, self._events)
        self._server = HttpServer(self._application(), port)
        self._undo = ExitStack()
        self.url = self._server.url
        self.port = int(self.url.rpartition(":")[2])

    def __enter__(self) -> "Playground":
        with ExitStack() as undo:
            undo.callback(self._server.stop)
            undo.callback(self._events.close)
            undo.callback(self._crowd.stop)
            undo.callback(self._feed.stop)
            self._world.introduce()
            self._feed.start()
            self._server.start()
            self._undo = undo.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._undo.close()

    def _application(self) -> Starlette:
        routes = [
            Route("/api/world", _reading(self._read_world)),
            Route("/api/messages", _reading(self._read_messages)),
            Route("/api/audit", _reading(self._read_audit)),
            Route("/api/books", _reading(self._read_books)),
            Route("/api/steps", _reading(self._read_steps)),
            Route("/api/events", self._stream),
            Route("/api/members/{member_id}", self._change_member, methods=["PATCH"]),
            Route("/api/act", _taking(schemas.ACT, self._act), methods=["POST"]),
            Route("/api/files", _taking(TypeAdapter(schemas.Upload), self._actions.upload), methods=["POST"]),
            Route("/api/say", _taking(TypeAdapter(schemas.Say), self._say), methods=["POST"]),
            Route("/api/react", _taking(TypeAdapter(schemas.React), self._react), methods=["POST"]),
            Route("/api/delete", _taking(TypeAdapter(schemas.Delete), self._delete), methods=["POST"]),
            Route("/api/voice", _taking(TypeAdapter(schemas.Voice), self._voice), methods=["POST"]),
            Route("/api/clock", _taking(TypeAdapter(schemas.Forward), self._forward), methods=["POST"]),
            Route("/api/run", _taking(TypeAdapter(schemas.Run), self._run), methods=["POST"]),
            Route("/api/crowd", _taking(TypeAdapter(schemas.StartRush), self._start_rush), methods=["POST"]),
            self._discord.attachment_route(),  # at the page's own address, from which a browser saves files
            *page.routes(),
        ]
        return Starlette(routes=routes, middleware=[Middleware(Guard)], exception_handlers=_REFUSALS)

    # Reading ----------------------------------------------------------------------------------------------

    def _read_world(self, _: Request) -> Json:
        return {
            "application": {"id": self._stack.keys.application_id, "name": "Resonance"},
            "servers": [server.described() for server in world.SERVERS],
            "roles": [role._asdict() for role in world.ROLES],
            "members": [person.described() for person in self._world.people.values()],
            "commands": self._discord.commands(),
            "locales": world.LOCALES,
            "schedules": self._stack.schedules.names,
            "clock": self._clock(),
            "seats": self._relay.seats(),
            "brand": self._brand(),
            "real": {"supabase": self._database_url is None, "discord": False},
        }

    def _brand(self) -> Json | None:
        """A brand that servers can connect to; None where Supabase is a real one."""
        here = self._stack.description
        return {"id": here.brand_id, "key": here.brand_key} if here.brand_key else None

    def _read_messages(self, request: Request) -> Json:
        channel = world.channel(request.query_params.get("channel", ""))[1]
        person = self._world.person(request.query_params.get("as", ""))
        return {"messages": self._feed.messages(channel.id, person.member.id)}

    def _read_audit(self, request: Request) -> Json:
        server = world.server(request.query_params.get("server", ""))
        return {"entries": rows.audit(self._local_database(), server.id)}

    def _read_books(self, request: Request) -> Json:
        server = world.server(request.query_params.get("server", ""))
        with books.connect(self._local_database()) as connection:
            return books.books(connection, server.id)

    def _read_steps(self, request: Request) -> Json:
        server = world.server(request.query_params.get("server", ""))
        return {"done": steps.done(self._database_url, server.id) if self._database_url else []}

    async def _stream(self, _: Request) -> Response:
        return EventSourceResponse(self._events.stream())

    # Acting -----------------------------------------------------------------------------------------------

    async def _change_member(self, request: Request) -> Response:
        change = schemas.Change.model_validate_json(await request.body())
        person = self._world.change(request.path_params["member_id"], change.roles, change.is_admin, change.locale)
        self._events.publish("member", member=person.described())
        return JSONResponse(person.described())

    def _act(self, act: schemas.Act) -> Json:
        with rows.watching(self._database_url, act.server) as watch:
            done = self._actions.perform(act)
        if any(change["table"] == "discord_audit_log" for change in watch.changes or ()):
            self._events.publish("audit", server=act.server)
        return done.described() | {"changes": watch.changes}

    def _say(self, say: schemas.Say) -> Json:
        person, (server, channel) = self._world.person(say.member), world.channel(say.channel)
        member = person.member
        if channel.type == FORUM:
            title = say.content.partition("\n")[0][:100]
            return self._discord.add_post(channel.id, title, say.content, member.id, member.name, member.bot)
        message = self._discord.say(channel.id, say.content, member.id, member.name, member.bot)
        self._relay.said(server, person, message)
        return message

    def _react(self, react: schemas.React) -> Json:
        person = self._world.person(react.member)
        member = person.member
        message = self._feed.message(react.channel, react.member, react.message)
        target = (message["channel_id"], message["id"], react.emoji, member.id)
        if react.remove:
            self._discord.unreact(*target)
        else:
            self._discord.react(*target, bot=member.bot, burst=react.burst)
        self._relay.reacted(world.channel(react.channel)[0], person, message, react.emoji, removed=react.remove)
        return {}

    def _voice(self, voice: schemas.Voice) -> Json:
        person = self._world.person(voice.member)
        if voice.leave:
            self._relay.leave(person)
        else:
            self._relay.sit(world.server(voice.server), person)
        return {}

    def _delete(self, delete: schemas.Delete) -> Json:
        self._feed.delete(delete.channel, delete.message)
        return {}

    def _forward(self, forward: schemas.Forward) -> Json:
        self._local_database()  # a moved clock would write wrong times into a real database
        self._stack.move_clock(forward.forward)
        self._events.publish("clock", **self._clock())
        self._relay.tell_time()
        return self._clock()

    def _run(self, run: schemas.Run) -> Json:
        if run.schedule not in self._stack.schedules.names:
            raise RefusedError(404, "There is no such scheduled function.")
        with rows.watching(self._database_url) as watch:
            invocation = self._stack.schedules.run(run.schedule)
        return {
            "result": invocation.result,
            "error": ": ".join(invocation.error) if invocation.error else None,
            "milliseconds": round(invocation.milliseconds, 1),
            "database_calls": invocation.database_calls,
            "changes": watch.changes,
        }

    def _start_rush(self, start: schemas.StartRush) -> Json:
        database_url = self._local_database()
        client = self._actions.client(start.server, start.channel)
        message = self._discord.message_in(start.channel, start.message)
        rush = Rush(client, message, start.custom_id, new_members(start.members), self._actions.show)
        self._crowd.start(rush, database_url)
        return {"crowd": rush.id}

    def _clock(self) -> Json:
        return {"now": self._stack.now(), "offset": self._stack.clock_offset}

    def _local_database(self) -> str:
        if self._database_url is None:
            raise RefusedError(409, "Supabase is a real one: the playground neither looks into it nor moves its time.")
        return self._database_url


def _reading(read: Callable[[Request], Json]) -> Endpoint:
    """An endpoint that reads."""

    async def endpoint(request: Request) -> Response:
        return JSONResponse(await run_in_threadpool(read, request))

    return endpoint


def _taking(body: TypeAdapter[Any], do: Callable[[Any], Json]) -> Endpoint:
    """An endpoint that takes a body of this type."""

    async def endpoint(request: Request) -> Response:
        return JSONResponse(await run_in_threadpool(do, body.validate_json(await request.body())))

    return endpoint


async def _refuse(_: Request, error: Exception) -> Response:
    match error:
        case RefusedError():
            return JSONResponse({"error": error.sentence}, error.status)
        case DiscordError():  # of the fake Discord, such as "Unknown Message"
            return JSONResponse({"error": f"{error}."}, 404 if error.status == 404 else 400)
        case ValidationError():
            return JSONResponse({"error": schemas.sentence(error)}, 400)
        case HTTPException():
            return JSONResponse({"error": f"{error.detail}."}, error.status_code)
    return JSONResponse({"error": f"{error}."}, 400)


_REFUSALS: dict[Any, Any] = dict.fromkeys(
    [RefusedError, DiscordError, ValidationError, HTTPException, NotOfferedError], _refuse
)

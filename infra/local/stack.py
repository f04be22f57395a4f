"""The whole bundle on one machine: Postgres, PostgREST, a local Discord, and the functions behind a gateway."""

import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from infra.deploy import command_ids
from infra.deploy.database import URL_VARIABLE
from infra.fake_discord.fake import FakeDiscord
from infra.local import template
from infra.local.child import StackError
from infra.local.environment import ROOT, Environments
from infra.local.gateway import Gateway
from infra.local.keys import Keys, write_private
from infra.local.schedules import Schedules
from infra.local.server import HttpServer
from infra.local.state import locked, remember, remembered
from infra.local.supabase import LocalSupabase

SUPABASE = ("SUPABASE_URL", "SUPABASE_SECRET_KEY")
DISCORD = ("DISCORD_APPLICATION_ID", "DISCORD_PUBLIC_KEY", "DISCORD_BOT_TOKEN")
DISCORD_API = "https://discord.com/api/v10"
BRAND_ID = "0x1111111111111111111111111111111111111111"  # a brand to connect servers to
BRAND_NAME = "Tideline"
ENVIRONMENTS = 4  # processes that answer at the same time; further clicks wait a few milliseconds

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ports:
    """Where the parts listen on the loopback interface; 0 is any free port."""

    gateway: int = 0
    discord: int = 0
    rest: int = 0
    database: int = 0


ANY_PORTS = Ports()


@dataclass(frozen=True)
class Description:
    """The content of stack.json, for other programs; of a real part only what is public."""

    interactions_url: str
    events_url: str
    events_public_key: str  # the operator's: may send events of any server
    events_signing_key: str
    supabase_url: str  # for Supabase's clients
    rest_url: str
    database_url: str | None
    service_key: str | None
    anon_key: str | None
    discord_url: str
    application_id: str
    public_key: str
    signing_key: str | None
    brand_id: str | None
    brand_key: str | None  # the brand's connect key, a new one at every start


class Stack:
    """Runs everything while the `with` lasts; its state in `directory` survives restarts and crashes.

    `environment` may name a real Supabase project or a real Discord application, by the variables that the functions
    read: that part is then not started here. `durable` lets Postgres wait for the disk, for data that must be kept.
    """

    description: Description
    keys: Keys
    environments: Environments
    gateway: Gateway
    schedules: Schedules

    def __init__(
        self,
        directory: Path,
        *,
        ports: Ports = ANY_PORTS,
        durable: bool = False,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.directory = directory.absolute()
        self.description_file = self.directory / "stack.json"  # exists while the stack runs
        self.supabase: LocalSupabase | None = None
        self.discord: FakeDiscord | None = None
        self.variables: dict[str, str] = {}  # the environment of the functions
        self.clock_offset = 0.0  # seconds by which the stack's clock is ahead; kept with the data
        self._real = {
            **_group(environment or {}, SUPABASE, "SUPABASE_REST_URL"),
            **_group(environment or {}, DISCORD, "DISCORD_API_URL"),
        }
        self._ports = ports
        self._durable = durable
        self._cleanup = ExitStack()

    def __enter__(self) -> "Stack":
        with ExitStack() as cleanup:
            cleanup.enter_context(locked(self.directory))
            self.keys = Keys.load(self.directory / "keys.json")
            self.variables = {"EVENT_PUBLIC_KEYS": self.keys.events_public_key, **self._real}
            starts = [self._open_supabase(cleanup), self._open_discord(cleanup), self._open_functions(cleanup)]
            if self.supabase:  # a moved clock would write wrong times into a real database
                self._set_clock(remembered(self.directory).get("clock_offset", 0.0))
            with ThreadPoolExecutor() as pool:
                for started in [pool.submit(start) for start in starts]:
                    started.result()
            if self.supabase and self.discord:
                command_ids.keep(self.supabase.postgres.url(), None, self.discord.commands())
            self._describe(cleanup)
            self._cleanup = cleanup.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._cleanup.close()

    def now(self) -> float:
        """The stack's time in seconds since 1970."""
        return time.time() + self.clock_offset

    def move_clock(self, seconds: float) -> None:
        """Move the clock of the functions and of the local Discord forward, for as long as the data are kept."""
        self._set_clock(self.clock_offset + seconds)
        remember(self.directory, clock_offset=self.clock_offset)

    def _set_clock(self, offset: float) -> None:
        self.clock_offset = self.gateway.clock_offset = self.schedules.clock_offset = offset

    # Each part takes its port in _open, so that all parts can then start at the same time.

    def _open_supabase(self, cleanup: ExitStack) -> Callable[[], None]:
        if "SUPABASE_URL" in self.variables:
            return lambda: log.info("Supabase is the real one at %s", self.variables["SUPABASE_URL"])
        ports = {"database_port": self._ports.database, "rest_port": self._ports.rest}
        self.supabase = LocalSupabase(self.directory, self.keys, durable=self._durable, **ports)
        cleanup.callback(self.supabase.stop)
        url = self.supabase.postgrest.url
        self.variables |= {
            "SUPABASE_URL": url,
            "SUPABASE_REST_URL": url,
            "SUPABASE_SECRET_KEY": self.keys.service_key,
        }
        return self.supabase.start

    def _open_discord(self, cleanup: ExitStack) -> Callable[[], None]:
        if "DISCORD_BOT_TOKEN" in self.variables:
            self.variables.setdefault("DISCORD_API_URL", DISCORD_API)
            return lambda: log.info("Discord is the real one; its commands are yours to register")
        self.discord = FakeDiscord(
            str(self.directory / "discord.sqlite"),
            self.keys.bot_token,
            self.keys.application_id,
            public_key=self.keys.public_key,
            clock=self.now,
        )
        cleanup.callback(self.discord.close)
        server = HttpServer(self.discord.app, self._ports.discord)
        cleanup.callback(server.stop)
        self.variables |= {
            "DISCORD_APPLICATION_ID": self.keys.application_id,
            "DISCORD_PUBLIC_KEY": self.keys.public_key,
            "DISCORD_BOT_TOKEN": self.keys.bot_token,
            "DISCORD_API_URL": f"{server.url}/api/v10",
        }
        return lambda: _start_discord(server, self.variables)

    def _open_functions(self, cleanup: ExitStack) -> Callable[[], None]:
        output = cleanup.enter_context((self.directory / "functions.log").open("w"))
        self.environments = cleanup.enter_context(Environments(ENVIRONMENTS, self.variables, output))
        rest_url = self.supabase.postgrest.url if self.supabase else None
        self.gateway = Gateway(self.environments, discord=self.discord, rest_url=rest_url)
        self._server = HttpServer(self.gateway.app, self._ports.gateway)
        cleanup.callback(self._server.stop)
        self.schedules = Schedules(self.environments)
        cleanup.callback(self.schedules.stop)
        return self._start_functions

    @property
    def _interactions_url(self) -> str:
        return f"{self._server.url}/interactions"

    def _start_functions(self) -> None:
        try:
            for name in ("interactions", "events"):  # somebody waits for these
                self.environments.warm(template.functions()[name].handler)
        except RuntimeError as error:
            raise StackError(f"The functions cannot be imported: {error}") from error
        self._server.start()
        if self.discord:
            self.discord.endpoint.url = self._interactions_url
        self.schedules.start()
        log.info("The functions are up")

    def _describe(self, cleanup: ExitStack) -> None:
        ours, database, discord = self.variables, self.supabase, self.discord
        self.description = Description(
            interactions_url=self._interactions_url,
            events_url=f"{self._server.url}/v1/events",
            events_public_key=self.keys.events_public_key,
            events_signing_key=self.keys.events_signing_key,
            supabase_url=self._server.url if database else ours["SUPABASE_URL"],
            rest_url=ours.get("SUPABASE_REST_URL") or f"{ours['SUPABASE_URL']}/rest/v1",
            database_url=database.postgres.url() if database else None,
            service_key=self.keys.service_key if database else None,
            anon_key=self.keys.anon_key if database else None,
            discord_url=ours["DISCORD_API_URL"].removesuffix("/api/v10"),
            application_id=ours["DISCORD_APPLICATION_ID"],
            public_key=ours["DISCORD_PUBLIC_KEY"],
            signing_key=self.keys.signing_key if discord else None,
            brand_id=BRAND_ID if database else None,
            brand_key=database.connect_key(BRAND_ID, BRAND_NAME) if database else None,
        )
        write_private(self.description_file, json.dumps(asdict(self.description), indent=2))
        cleanup.callback(self.description_file.unlink, missing_ok=True)


def _start_discord(server: HttpServer, variables: Mapping[str, str]) -> None:
    """Serve the local Discord, and register the commands with the operator's command. Raises StackError."""
    server.start()
    register = subprocess.run(
        [sys.executable, "-m", "infra.deploy.register_commands", "--yes"],
        cwd=ROOT,
        env=os.environ | variables | {URL_VARIABLE: ""},  # these commands are none of a real database
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if register.returncode != 0:
        raise StackError(f"The commands could not be registered:\n{register.stdout}{register.stderr}")
    log.info("The local Discord is up and knows the commands")


def _group(environment: Mapping[str, str], required: Sequence[str], optional: str) -> dict[str, str]:
    """The variables of a real part, if they are set. Raises StackError if only some are: they belong together."""
    given = {name: environment[name] for name in required if environment.get(name)}
    if given and len(given) < len(required):
        missing = ", ".join(name for name in required if name not in given)
        raise StackError(f"{', '.join(given)} is set without {missing}. Set all of them, or none for the local part.")
    if given and environment.get(optional):
        given[optional] = environment[optional]
    return given

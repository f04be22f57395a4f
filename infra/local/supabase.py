"""A Supabase project as the bundle uses it: Postgres with Supabase's roles and our schema, behind PostgREST."""

import logging
from contextlib import ExitStack
from pathlib import Path

import psycopg

from infra.deploy import brands, database
from infra.local.child import StackError
from infra.local.keys import Keys
from infra.local.ports import Reservation
from infra.local.postgres import Postgres
from infra.local.postgrest import PostgREST

ROLES = Path(__file__).with_name("roles.sql")

log = logging.getLogger(__name__)


class LocalSupabase:
    """A Supabase project in a directory; `start` deploys this checkout's migrations and functions to it."""

    def __init__(
        self,
        directory: Path,
        keys: Keys,
        *,
        database_port: int = 0,
        rest_port: int = 0,
        durable: bool = False,
    ) -> None:
        with ExitStack() as reservations:
            database_at = reservations.enter_context(Reservation(database_port))
            rest_at = reservations.enter_context(Reservation(rest_port))
            self.postgres = Postgres(directory, keys.database_password, database_at, durable=durable)
            self.postgrest = PostgREST(
                directory,
                rest_at,
                database_url=self.postgres.socket_url(user="authenticator"),
                jwt_secret=keys.jwt_secret,
            )
            self._reservations = reservations.pop_all()

    def start(self) -> None:
        """Start both and deploy this checkout; returns when requests are answered. Raises StackError."""
        self.postgres.start()
        log.info("Postgres is up, deploying migrations and functions")
        try:
            with psycopg.connect(self.postgres.url()) as connection:
                connection.execute(ROLES.read_bytes())
            database.deploy(self.postgres.url())
        except (database.DeployError, psycopg.Error) as error:
            raise StackError(f"The database was not deployed. {error}") from error
        self.postgrest.start()
        log.info("PostgREST is up")

    def connect_key(self, brand_id: str, name: str) -> str:
        """Give a brand a new connect key, which ends the one before; add the brand if it is not there."""
        answer = brands.call(self.postgres.url(), "add_brand", brand_id=brand_id, name=name)
        if answer["outcome"] == "brand_exists":
            answer = brands.call(self.postgres.url(), "rotate_brand_key", brand_id=brand_id)
        return str(answer["key"])

    def stop(self) -> None:
        """Stop both; the data stay."""
        self.postgrest.stop()
        self.postgres.stop()
        self._reservations.close()

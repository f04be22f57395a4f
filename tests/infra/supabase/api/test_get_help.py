"""get_help: the caller's level, as get_level has it, and the ids of the commands."""

from infra.deploy import database
from tests.infra.conftest import MIGRATIONS, MakeDatabase
from tests.sql import Caller, Database

BOB = Caller(role_ids=("421",))


def registered(db: Database, server_id: str, **command_ids: str) -> None:
    """The commands of a server, or of all (`*`)."""
    for name, command_id in command_ids.items():
        db.run("insert into registered_commands values (%s, %s, %s)", server_id, name, command_id)


def test_nobody_has_registered_any(db: Database) -> None:
    assert db.call("get_help", BOB) == {"outcome": "help", "level": 0, "command_ids": {}}


def test_the_level_is_that_of_the_callers_roles(db: Database) -> None:
    db.connect_server(settings={"admin_roles": {"421": 3}})
    assert db.call("get_help", BOB)["level"] == 3
    assert db.call("get_help", Caller(manages_server=True))["level"] == 4
    assert db.call("get_help", Caller())["level"] == 0


def test_a_servers_own_commands_come_before_the_global_ones(db: Database) -> None:
    registered(db, "*", daily="11", help="12")
    registered(db, "77", daily="21", drop="23")
    registered(db, "78", daily="31", watch="34")
    assert db.call("get_help", BOB)["command_ids"] == {"daily": "21", "help": "12", "drop": "23"}
    assert db.call("get_help", Caller(server_id="79"))["command_ids"] == {"daily": "11", "help": "12"}


def test_without_migration_022_there_are_no_ids(make_database: MakeDatabase) -> None:
    made = make_database([path for path in MIGRATIONS if path.name < "022"])
    database.reload_functions(made.url)
    made.connect_server(settings={"admin_roles": {"421": 3}})
    assert made.call("get_help", BOB) == {"outcome": "help", "level": 3, "command_ids": {}}

"""remove_role_bonus: a role earns no more than others."""

from psycopg.types.json import Jsonb

from tests.infra.supabase.test_change_settings import stored
from tests.sql import ADMIN, Database


def test_it_is_gone_and_the_others_stay(room: Database) -> None:
    bonuses = {"5": {"flat": 1}, "6": {"flat": 2}}
    room.run("update discord_server_configs set config_metadata = %s", Jsonb({"role_bonuses": bonuses}))
    room.call("remove_role_bonus", ADMIN, role_id="5")
    assert stored(room) == {"role_bonuses": {"6": {"flat": 2}}}


def test_a_role_without_a_bonus(room: Database) -> None:
    unknown = {"outcome": "role_bonus_unknown", "role": "5"}
    assert room.call("remove_role_bonus", ADMIN, role_id="5") == unknown
    room.run("update discord_server_configs set config_metadata = %s", Jsonb({"role_bonuses": {"55": {}}}))
    assert room.call("remove_role_bonus", ADMIN, role_id="5") == unknown

"""remove_admin_role: a role loses its level."""

from psycopg.types.json import Jsonb

from tests.infra.supabase.api.test_set_admin_role import BY_ROLE
from tests.infra.supabase.test_change_settings import stored
from tests.sql import ADMIN, Database


def test_it_is_gone_at_once_and_the_others_stay(room: Database) -> None:
    room.run("update discord_server_configs set config_metadata = %s", Jsonb({"admin_roles": {"5": 4, "6": 1}}))
    room.call("remove_admin_role", ADMIN, role_id="5")
    assert stored(room) == {"admin_roles": {"6": 1}}
    assert room.call("get_settings", BY_ROLE)["outcome"] == "not_allowed"


def test_whoever_takes_their_own_level_away_is_told_also_once_more(room: Database) -> None:
    room.run("update discord_server_configs set config_metadata = %s", Jsonb({"admin_roles": {"5": 4}}))
    first = room.call("remove_admin_role", BY_ROLE, role_id="5")
    assert (first["outcome"], first["level"]) == ("settings_changed", 0)
    assert room.call("remove_admin_role", BY_ROLE, role_id="5") == first


def test_a_role_without_a_level(room: Database) -> None:
    assert room.call("remove_admin_role", ADMIN, role_id="5") == {"outcome": "admin_role_unknown", "role": "5"}

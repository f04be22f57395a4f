"""set_admin_channel: where notices to admins go."""

from tests.infra.supabase.test_change_settings import log, stored
from tests.sql import ADMIN, Database


def test_it_is_set_and_taken_away(room: Database) -> None:
    assert room.call("set_admin_channel", ADMIN.again(), channel_id="88")["after"]["admin_channel"] == "88"
    assert stored(room) == {"admin_channel": "88"}
    assert room.call("set_admin_channel", ADMIN.again())["after"]["admin_channel"] is None
    assert stored(room) == {}
    assert room.call("set_admin_channel", ADMIN.again())["outcome"] == "settings_unchanged"
    assert len(log(room)) == 2

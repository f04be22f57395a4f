"""set_admin_channel: where notices to admins go."""

from tests.infra.supabase.internal.test_settings_change import log, stored
from tests.sql import ADMIN, Database


def test_it_is_set_and_taken_away(seeded: Database) -> None:
    assert seeded.call("set_admin_channel", ADMIN.again(), channel_id="88")["after"]["admin_channel"] == "88"
    assert stored(seeded) == {"admin_channel": "88"}
    assert seeded.call("set_admin_channel", ADMIN.again())["after"]["admin_channel"] is None
    assert stored(seeded) == {}
    assert seeded.call("set_admin_channel", ADMIN.again())["outcome"] == "settings_unchanged"
    assert len(log(seeded)) == 2

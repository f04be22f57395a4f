"""Two brands as the tests of the portal know them, with a row of each in every table that the portal reads."""

from typing import Any

from psycopg.types.json import Jsonb

from tests.sql import NOON, Database, Row

OURS, THEIRS = "ours", "theirs"  # brands
SERVER, LEFT, FOREIGN = "77", "78", "80"  # ours, one that has left us, theirs
SUBJECT = "00000000-0000-4000-8000-000000000007"

# What a person of the brand OURS sees of the rows that `fill` makes, as a condition.
SEEN = {
    "brands": "brand_id = 'ours'",
    "discord_server_configs": "server_id = '77'",
    "discord_user_stats": "server_id = '77'",
    "discord_user_streaks": "server_id = '77'",
    "member_earnings": "server_id = '77'",
    "discord_drops": "server_id = '77'",
    "channel_watches": "server_id = '77'",
    "discord_drop_claims": "drop_id in (select drop_id from discord_drops where server_id = '77')",
    "reward_ledger": "server_id = '77' or brand_id = 'ours'",
    "discord_audit_log": "server_id = '77' or server_id = '*' and brand_id = 'ours'",
    "monitoring_rules": "brand_id = 'ours' and coalesce(server_id, '77') = '77'",
}


def person(*brands: str, **claims: Any) -> Row:
    """The claims of a person of the portal who belongs to brands."""
    return {"role": "authenticated", "sub": SUBJECT, "app_metadata": {"brand_ids": list(brands)}} | claims


def fill(db: Database) -> None:
    """Rows of both brands in every table, also of a server that has left its brand."""
    for brand in (OURS, THEIRS):
        db.run("insert into brands (brand_id, name) values (%s, %s)", brand, brand.title())
        db.add_event("quest", 10, brand_id=brand, server_id=None)
    for server, brand in ((SERVER, OURS), (LEFT, OURS), (FOREIGN, THEIRS)):
        db.connect_server(server, brand)
        db.add_event("raid", 20, brand_id=brand, server_id=server, detection_config=Jsonb({"of": brand}))
        for member in ("1002", "1003"):
            db.add_reward(5, member=member, server_id=server, brand_id=brand)
            db.add_streak(member, 3, server_id=server)
        db.run(
            "insert into channel_watches (server_id, channel_id, event_id, emoji, last_message_id) "
            "values (%s, %s, 'raid', '🎉', '0')",
            server,
            server + "1",
        )
        claim = (
            "insert into discord_drop_claims (claim_id, drop_id, discord_user_id) values (gen_random_uuid(), %s, %s)"
        )
        db.run(claim, db.add_drop(server_id=server, event_id="raid"), "1002")
    db.run("update discord_server_configs set is_active = false where server_id = %s", LEFT)
    db.add_reward(7, member="1004", server_id=FOREIGN, brand_id=OURS, at=NOON)  # paid before it changed brands

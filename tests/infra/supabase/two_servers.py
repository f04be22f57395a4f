"""The same members on two servers of one brand, with the same names and other figures everywhere.

Some have rows on both servers, some on one: a function that reads or changes a row of the wrong server says a wrong
figure, finds what is not there, or leaves a mark.
"""

import json
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from tests.sql import DAY, HOUR, NOON, TABLES, Database, Row

FIRST, SECOND = "77", "78"
SERVERS = (FIRST, SECOND)
STRANGER = "79"  # of another brand, where nobody is

ON_BOTH, ON_FIRST, ON_SECOND = "1002", "1003", "1004"
DISABLED_ON_BOTH, DISABLED_ON_FIRST, DISABLED_ON_SECOND = "1005", "1006", "1007"
MEMBERS = (ON_BOTH, ON_FIRST, ON_SECOND, DISABLED_ON_BOTH, DISABLED_ON_FIRST, DISABLED_ON_SECOND)
PRESENT = {FIRST: (ON_BOTH, ON_FIRST), SECOND: (ON_BOTH, ON_SECOND)}
DISABLED = {FIRST: (DISABLED_ON_BOTH, DISABLED_ON_FIRST), SECOND: (DISABLED_ON_BOTH, DISABLED_ON_SECOND)}
ADMIN = "9001"

ROLE = "501"  # an admin's and a bonus's on both servers, at other levels
HANDLED_ON_BOTH, HANDLED_ON_FIRST, HANDLED_ON_SECOND = "5901", "5902", "5903"
HANDLED = {FIRST: (HANDLED_ON_BOTH, HANDLED_ON_FIRST), SECOND: (HANDLED_ON_BOTH, HANDLED_ON_SECOND)}
CREATED_DROP = "5904"  # the interaction that created a drop on both servers

# The number of the first row of a server in a table that counts its rows, whether the other server is there or not.
FIRST_ROW = {FIRST: 1000, SECOND: 2000}
NEXT_ROW = 5000

CLAIMS = "select d.server_id, c.* from discord_drop_claims as c join discord_drops as d using (drop_id)"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
NOTICE = re.compile(r'"notice_id": \d+')  # counted over all servers
SHARD = re.compile(r'"shard": \d+')  # a random number that no other shard of the total has


@dataclass(frozen=True)
class Figures:
    """What differs between the servers."""

    times: int  # amounts are so many times those of the first
    streak: int
    longest: int
    grace_hours: int
    milestone: int  # taken, beside that of 100 days
    spent: int
    quest_at: datetime  # when the quest was claimed last; its cooldown is a day
    rare_claims: int  # of three that all members together may make
    level: int


FIGURES = {
    FIRST: Figures(1, 5, 105, 24, 7, 180, NOON - HOUR, 1, 2),
    SECOND: Figures(3, 9, 110, 48, 30, 5, NOON - 2 * DAY, 3, 3),
}


def other(server: str) -> str:
    """The server beside this one."""
    return SECOND if server == FIRST else FIRST


def drop_id(server: str, name: str) -> str:
    """The id of a drop."""
    names = ("open", "claimed", "due", "created", "without an event", "of another brand")
    return f"00000000-0000-4000-80{server}-{names.index(name):012}"


def preview_id(server: str) -> str:
    """The id of the preview of a server's admin."""
    return f"00000000-0000-4000-60{server}-{0:012}"


def watch_id(server: str) -> str:
    """The id of its watch."""
    return f"00000000-0000-4000-70{server}-{0:012}"


def payment(member: str, source: str) -> str:
    """The interaction that has paid a member from a source, on each server where they are."""
    return f"4{['claim', 'daily', 'milestone', 'drop', 'welcome'].index(source)}{member}"


def fill(db: Database, servers: Collection[str]) -> None:
    """Empty the database and make these servers with all their members."""
    db.empty()
    with db.connection.transaction():
        db.run("select set_config('resonance.now', %s, true)", (NOON - DAY).isoformat())
        _number_from(db, 1)
        for brand in ("brand", "another"):
            db.add_brand(brand)
        db.add_event("everywhere", 7, server_id=None, claimable=True)
        if len(servers) > 1:
            db.connect_server(STRANGER, "another")
        for server in servers:
            _number_from(db, FIRST_ROW[server])
            _add_server(db, server)
            for member in PRESENT[server]:
                _add_member(db, server, member)
            for member in DISABLED[server]:
                reason = f"Reason of {server}"
                db.run("insert into disabled_members values (%s, %s, %s, %s, %s)", server, member, reason, ADMIN, NOON)
                db.add_streak(member, FIGURES[server].times, server_id=server, last_checkin=NOON - 9 * DAY)
    with db.without_triggers():  # entries of before migration 009
        db.run("update reward_ledger set day = null where event_type = 'daily_checkin'")


@contextmanager
def undone(db: Database) -> Iterator[None]:
    """Undo what is done meanwhile."""
    _number_from(db, NEXT_ROW)  # no rollback takes a number back
    with db.connection.transaction(force_rollback=True):
        yield


def rows(db: Database) -> dict[str | None, list[str]]:
    """All rows by server, those of the brand by None; a new random id counts as any other."""
    db.run("reset role")  # a call inside of a transaction leaves service_role behind
    found: dict[str | None, list[str]] = {server: [] for server in (None, *SERVERS, STRANGER)}
    for table in TABLES:
        for row in db.rows(CLAIMS if table == "discord_drop_claims" else f"select * from {table}"):
            server = row.get("server_id")  # brands have none
            found[None if server == "*" else server].append(f"{table} {_readable(row)}")
    return {server: sorted(each) for server, each in found.items()}


def answer(value: Row) -> Any:
    """An answer in which a new random id counts as any other."""
    return json.loads(_readable(value))


def _readable(value: Any) -> str:
    text = json.dumps(value, default=str, sort_keys=True)
    text = NOTICE.sub('"notice_id": "new"', text)
    text = SHARD.sub('"shard": "new"', text)
    return UUID.sub(lambda found: found[0] if found[0].startswith("00000000-") else "new", text)


def _number_from(db: Database, number: int) -> None:
    for table in ("reward_ledger", "discord_audit_log"):
        db.run("select setval(pg_get_serial_sequence(%s, 'id'), %s, false)", table, number)


def _add_server(db: Database, server: str) -> None:
    own = FIGURES[server]
    settings = {
        "admin_roles": {ROLE: own.level},
        "role_bonuses": {ROLE: {"flat": own.times}},
        "excluded_channels": [f"66{server}"],
        "admin_channel": f"55{server}",
        "streak": {"grace_hours": own.grace_hours},
    }
    db.connect_server(server, settings=settings)
    db.run("update discord_server_configs set server_name = %s where server_id = %s", f"Server {server}", server)
    limits = {"quest": {"cooldown_hours": 24, "max_claims_per_user": 5}, "rare": {"max_total_claims": 3}}
    for number, event in enumerate(("daily_checkin", "quest", "rare", "once", "welcome_bonus")):
        db.add_event(
            event,
            own.times * (number + 10),
            server_id=server,
            id=f"00000000-0000-4000-90{server}-{number:012}",
            claimable=event in ("quest", "rare", "once"),
            label=f"{event} of {server}",
            **limits.get(event, {}) | ({"max_claims_per_user": 1} if event == "once" else {}),
        )
    db.run(
        "insert into channel_watches"
        " (watch_id, server_id, channel_id, event_id, emoji, reward_amount, last_message_id, created_at)"
        " values (%s, %s, %s, 'quest', '🎉', %s, '1', %s)",
        *(watch_id(server), server, f"88{server}", own.times, NOON - DAY),
    )
    db.run(
        "insert into drop_previews (preview_id, server_id, created_by, terms, expires_at) values (%s, %s, %s, %s, %s)",
        *(preview_id(server), server, ADMIN, Jsonb({"event_type": "quest", "channel_id": "88"}), NOON + DAY),
    )
    _add_total(db, server, "rare", own.rare_claims)
    _add_total(db, server, "quest", own.times)
    drops: dict[str, Row] = {
        "open": {"reward_amount": own.times * 4},
        "claimed": {"claims_count": len(PRESENT[server]), "max_claims": 9}
        | {"watch_id": watch_id(server), "message_id": f"99{server}"},
        "due": {"expires_at": NOON - HOUR},
        "created": {"interaction_id": CREATED_DROP, "message_id": None},
        "without an event": {"ended_at": NOON, "end_reason": "event_deleted"},
        "of another brand": {"ended_at": NOON, "end_reason": "server_left"},
    }
    for name, columns in drops.items():
        db.add_drop(
            server_id=server,
            drop_id=drop_id(server, name),
            title=f"A drop, {name}",
            channel_id=f"88{server}",
            render_after=NOON - HOUR,
            **columns,
        )
    db.run("insert into recorded_items values (9, %s, '0', %s)", server, NOON if server == FIRST else NOON - DAY)
    db.run("insert into voice_remainders values (%s, %s, '', %s)", server, ON_BOTH, own.times * 15)
    for message, at in (("6", NOON - HOUR), ("7", NOON - 9 * DAY)):  # the second one to be forgotten
        reaction = (server, message, ON_BOTH, "x", ON_FIRST, at)
        db.run("insert into message_reactions values (%s, %s, %s, %s, %s, true, true, %s)", *reaction)
    for interaction in HANDLED[server]:
        handled = {"outcome": "handled", "server": server, "interaction": interaction}
        db.run("insert into handled_interactions values (%s, %s, %s, %s)", server, interaction, NOON, Jsonb(handled))
    created = {"outcome": "drop_created", "drop": {"reward": own.times}}
    db.run("insert into handled_interactions values (%s, %s, %s, %s)", server, CREATED_DROP, NOON, Jsonb(created))


def _add_total(db: Database, server: str, event: str, claims: int) -> None:
    db.run("insert into event_totals values (%s, %s, %s)", server, event, claims)


def _add_member(db: Database, server: str, member: str) -> None:
    own = FIGURES[server]
    # Who is on one server alone has taken everything there, today's check-in too.
    last_checkin = NOON - (DAY if member == ON_BOTH else HOUR)
    db.add_streak(member, own.streak, server_id=server, longest_streak=own.longest, last_checkin=last_checkin)
    claimed = drop_id(server, "claimed")
    entries: list[Row] = [
        {"event_type": "quest"},
        {"event_type": "daily_checkin", "source": "daily", "reference": "2026-03-09"},
        *(
            {"event_type": f"streak_milestone:{days}", "source": "milestone", "reference": str(days)} | more
            for days, more in ((own.milestone, {}), (100, {"interaction_id": None}))
        ),
        {"event_type": "quest", "source": "drop", "reference": claimed},
    ]
    if member != ON_BOTH or server == FIRST:
        entries.append({"event_type": "welcome_bonus", "interaction_id": payment(member, "welcome")})
        _add_claims(db, server, member, "welcome_bonus", 1, NOON - own.times * DAY)
        _add_claims(db, server, member, "once", 1, NOON - own.times * DAY)
    for number, entry in enumerate(entries, 1):
        paid_by = payment(member, entry.get("source", "claim"))
        columns: Row = {"server_id": server, "interaction_id": paid_by, "details": Jsonb({"amount": own.times})} | entry
        db.add_reward(own.times * number * 10, NOON - own.times * DAY, member, **columns)
    db.add_reward(-own.spent, NOON - HOUR, member, server_id=server, source="activity", actor_id="a shop")
    taken = db.value("select min(id) from reward_ledger where server_id = %s and discord_user_id = %s", server, member)
    db.add_reward(
        -own.times * 10, NOON - HOUR, member, server_id=server, source="reversal", reference=str(taken), actor_id=ADMIN
    )
    db.run(
        "insert into discord_drop_claims values (gen_random_uuid(), %s, %s, %s, %s, 1)",
        claimed,
        member,
        NOON,
        own.times,
    )
    refusal = Jsonb({"outcome": "limit_reached", "limit": own.times})
    db.run(
        "insert into reaction_refusals values (%s, %s, %s, %s, %s)",
        *(server, member, drop_id(server, "open"), refusal, NOON - HOUR),
    )
    _add_claims(db, server, member, "quest", own.times, own.quest_at)
    db.run(
        "update discord_user_stats set messages_count = %s, voice_minutes = %s, reactions_count = %s,"
        " reactions_received = %s where server_id = %s and discord_user_id = %s",
        *(own.times * number for number in (1, 2, 3, 4)),
        server,
        member,
    )
    for action in ("member.enabled", "reward.revoked", "drop.ended"):
        db.run(
            "insert into discord_audit_log"
            " (server_id, brand_id, actor_type, actor_id, action, target_user_id, created_at)"
            " values (%s, 'brand', 'admin', %s, %s, %s, %s)",
            *(server, ADMIN, action, member, NOON),
        )


def _add_claims(db: Database, server: str, member: str, event: str, claims: int, at: datetime) -> None:
    db.run("insert into event_claims values (%s, %s, %s, %s, %s)", server, member, event, claims, at)

"""Any two functions that write, at once and over the same rows, wait for each other in one order: no deadlock.

Each row that one of them writes takes a moment, with its lock held, so that two that take their locks in different
orders meet. The client would ask a deadlock's victim again; here it is an error.
"""

import itertools
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from infra.local.supabase import LocalSupabase
from tests.sql import (
    ADMIN,
    BOB,
    CAROL,
    DAY,
    HOUR,
    KEY_HASH,
    MINUTE,
    NOON,
    PLACES,
    SECOND,
    TABLES,
    Caller,
    Database,
    Row,
)

PAUSE = 0.002  # seconds for each row that is written
WRITTEN = sorted({*TABLES, *PLACES} - {"discord_audit_log"})
PROGRAM = "ab" * 32  # a public key
Call = Callable[[Database], Any]


def drop_id(number: int) -> str:
    """The id of a drop: these are the same in every round."""
    return f"00000000-0000-0000-0000-{number:012}"


OPEN, FULL_SOON = drop_id(1), drop_id(2)
WATCH = drop_id(3)
REACTIONS, FEW_REACTIONS = drop_id(4), drop_id(5)
REACTORS = ("1004", "1002", "1003")
PREVIEW = drop_id(6)
TERMS: Row = {"event_type": "quest", "channel_id": "88"}
LONG_AGO: Row = {"created_at": NOON - HOUR, "message_id": None}
KINDS: dict[str, Row] = {
    "unposted": LONG_AGO,
    "due": {"expires_at": NOON - SECOND},
    "due and unposted": LONG_AGO | {"expires_at": NOON - SECOND},
    "behind": {"revision": 2, "render_after": NOON - MINUTE},
    "to collect": {"drop_type": "reaction", "emoji": "🎉", "ended_at": NOON - HOUR, "end_reason": "ended"},
}
EACH = {kind: [drop_id(10 * place + number) for number in range(4)] for place, kind in enumerate(KINDS, 1)}
REACTION: Row = {"drop_type": "reaction", "emoji": "🎉"}
DROPS: dict[str, Row] = {OPEN: {}, FULL_SOON: {"max_claims": 1}}
DROPS |= {FEW_REACTIONS: REACTION | {"max_claims": 2, "message_id": "97"}, REACTIONS: REACTION}
DROPS |= {ids[number]: KINDS[kind] for number in (1, 0, 3, 2) for kind, ids in EACH.items()}  # as they lie in the table


def fill(db: Database) -> None:
    """Rows in every state that a function may look for."""
    db.empty()
    with db.connection.transaction():
        db.add_brand()
        db.run("insert into brand_keys (brand_id, kind, key) values ('brand', 'program', %s)", PROGRAM)
        db.connect_server(
            settings={"excluded_channels": ["5"], "admin_roles": {"6": 1}, "role_bonuses": {"6": {"flat": 1}}}
            | {"admin_channel": "91"}
        )
        for event in ("quest", "daily_checkin", "welcome_bonus", "raid"):
            db.add_event(event, 10, claimable=True, max_total_claims=500)
        trigger = {"trigger": "voice", "minutes": 1}
        db.add_event("talk", 10, max_total_claims=500, detection_config=Jsonb(trigger))
        for each, columns in DROPS.items():
            db.add_drop(drop_id=each, **columns)
        db.run(
            "insert into channel_watches (watch_id, server_id, channel_id, event_id, emoji, last_message_id)"
            " values (%s, '77', '89', 'quest', '🎉', '1')",
            WATCH,
        )
        db.run("insert into drop_reactors select %s, unnest(%s::text[]), 1, 1", FEW_REACTIONS, list(REACTORS))
        db.run("insert into reaction_channels select unnest('{90,88,89}'::text[]), to_timestamp(0), to_timestamp(0)")
        for drop in (*EACH["to collect"], REACTIONS):
            db.run("insert into reaction_looks values (%s, 1, %s, %s, false, '0', 0, 0)", drop, NOON - DAY, NOON - DAY)
        db.run(
            "insert into drop_previews (preview_id, server_id, created_by, terms, expires_at)"
            " values (%s, '77', '9001', %s, %s), (gen_random_uuid(), '77', '9001', '{}', %s)",
            *(PREVIEW, Jsonb(TERMS), NOON + HOUR, NOON - HOUR),
        )
        db.run("insert into admin_notices (server_id, drop_id) select '77', drop_id from discord_drops limit 3")
        db.run("insert into notified_servers values ('77', to_timestamp(0))")
        for member in ("1002", "1003", "1004"):
            db.add_streak(member, 8, last_checkin=NOON - 9 * DAY, last_day=(NOON - 9 * DAY).date())
            db.add_reward(30, member=member)
        db.run("insert into disabled_members (server_id, discord_user_id, disabled_by) values ('77', '1005', '9001')")
        old = NOON - 9 * DAY
        db.run("insert into recorded_items (slot, server_id, item_id, received_at) values (1, '77', 'old', %s)", old)
        db.run(
            "insert into message_reactions select '77', '50', (1000 + n)::text, 'x', '1001', true, true, %s"
            " from generate_series(1, 4) as n",
            old,
        )


def calling(function: str, caller: Caller | None = None, **arguments: Any) -> Call:
    """A call at noon; a member's with an interaction of its own."""
    return lambda db: db.call(function, caller and caller.again(), **arguments, now=NOON)


def revoking(db: Database) -> Any:
    """Take the first payment of Bob back."""
    entry = db.value("select min(id) from reward_ledger where discord_user_id = '1002'")
    return db.call("revoke_reward", ADMIN.again(), member_id="1002", entry=entry, now=NOON)


def marks(drops: list[str]) -> list[dict[str, Any]]:
    """The drops as something that is written down about them."""
    return [{"drop_id": each, "revision": 1, "message_id": "98"} for each in drops]


def reading(drop: str, look: int, *reactors: str) -> Call:
    """The last page of a reading; nobody has a role."""
    return calling(
        "claim_reactions",
        drop_id=drop,
        look=look,
        started_at=NOON,
        counts={"normal": 3, "super": 0},
        reactors=reactors,
        is_last=True,
        roles={member: [] for member in REACTORS},
    )


def seeing(channels: tuple[str, ...], drops: list[str]) -> Row:
    """Everything that a run may have seen."""
    facts = [{"drop_id": drop, "look": 2, "normal_count": 0, "super_count": 0} for drop in drops]
    return {
        "looked": [{"channel_id": channel, "is_quiet": True} for channel in channels],
        "paused": [{"channel_id": channel, "problem": "no_reactions"} for channel in channels],
        "seen": [
            *facts,
            {"drop_id": REACTIONS, "look": 2, "started_at": str(NOON), "normal_count": 0, "super_count": 0},
        ],
        "gone": facts[:2],
        "collected": facts[2:],
    }


BATCH: list[Row] = [
    {"type": "event", "user_id": "1003", "event": "quest"},
    {"type": "event", "user_id": "1002", "event": "raid"},
    {"type": "voice", "user_id": "1003", "seconds": 90},
    {"type": "voice", "user_id": "1002", "seconds": 90},
    *(
        {"type": "reaction", "user_id": f"100{n}", "message_id": "50", "emoji": "x", "author_id": "1004"}
        for n in (2, 3)
    ),
    {"type": "message", "user_id": "1004", "characters": 1, "words": 1},
]


def batch(name: str, items: list[Row]) -> Call:
    """A batch that an operator sends."""
    sent = [each | {"id": f"{name} {n}", "at": (NOON - n * MINUTE).isoformat()} for n, each in enumerate(items)]
    return calling("record_events", key="", is_operator=True, server_id="77", items=sent)


CALLS: dict[str, tuple[str | None, Call]] = {  # by name: the outcome, and the call
    "claim_drop": ("claimed", calling("claim_drop", BOB, drop_id=OPEN)),
    "claim_drop of another": ("claimed", calling("claim_drop", CAROL, drop_id=OPEN)),
    "claim_drop, the last": ("claimed", calling("claim_drop", BOB, drop_id=FULL_SOON)),
    "claim_event": ("event_claimed", calling("claim_event", BOB, event_type="quest")),
    "claim_event of another": ("event_claimed", calling("claim_event", CAROL, event_type="quest")),
    "claim_milestone": ("milestone_claimed", calling("claim_milestone", BOB)),
    "claim_welcome_bonus": ("welcomed", calling("claim_welcome_bonus", BOB)),
    "check_in": ("checked_in", calling("check_in", BOB)),
    "check_in of another": ("checked_in", calling("check_in", CAROL)),
    "give_reward": (
        "reward_given",
        calling("give_reward", ADMIN, member_id="1002", event_type="quest", role_ids=()),
    ),
    "revoke_reward": ("reward_revoked", revoking),
    "disable_member": ("member_is_disabled", calling("disable_member", ADMIN, member_id="1002", reason="spam")),
    "enable_member": ("member_is_enabled", calling("enable_member", ADMIN, member_id="1005")),
    "create_drop": ("drop_created", calling("create_drop", ADMIN, event_type="quest", channel_id="88")),
    "preview_drop": ("drop_previewed", calling("preview_drop", ADMIN, terms=TERMS)),
    "change_preview": (
        "drop_previewed",
        calling("change_preview", ADMIN, preview_id=PREVIEW, terms={"title": "New"}),
    ),
    "post_preview": ("drop_created", calling("post_preview", ADMIN, preview_id=PREVIEW)),
    "cancel_preview": ("preview_cancelled", calling("cancel_preview", ADMIN, preview_id=PREVIEW)),
    "edit_drop": ("drop_edited", calling("edit_drop", ADMIN, drop_id=OPEN, label="New")),
    "edit_drop, which ends it": ("drop_edited", calling("edit_drop", ADMIN, drop_id=FULL_SOON, lifespan_seconds=1)),
    "create_drop, for reactions": (
        "drop_created",
        calling("create_drop", ADMIN, event_type="quest", channel_id="88", drop_type="reaction", emoji="🎉"),
    ),
    "start_watch": ("watch_started", calling("start_watch", ADMIN, channel_id="88", event_type="quest")),
    "stop_watch": ("watch_stopped", calling("stop_watch", ADMIN, watch_id=WATCH)),
    "end_drop": ("drop_closed", calling("end_drop", ADMIN, drop_id=OPEN)),
    "cancel_drop": ("drop_cancelled", calling("cancel_drop", ADMIN, drop_id=EACH["behind"][0])),
    "cancel_drop_post": ("drop_not_posted", calling("cancel_drop_post", ADMIN, drop_id=EACH["unposted"][0])),
    "expire_drops": (None, calling("expire_drops")),
    "expire_drops, a few": (None, calling("expire_drops", batch=2, render=2)),
    "mark_drops_rendered": (None, calling("mark_drops_rendered", rendered=marks([*DROPS]))),
    "mark_drops_rendered, the last first": (
        None,
        calling(
            "mark_drops_rendered",
            gone=marks(EACH["due"][::-1]),
            failed=marks(EACH["behind"][::-1]),
            refused=marks(EACH["unposted"][::-1]),
            left=marks(EACH["due and unposted"][::-1]),
        ),
    ),
    "claim_reactions": ("page_taken", reading(REACTIONS, 2, *REACTORS)),
    "claim_reactions, the last": ("page_taken", reading(FEW_REACTIONS, 1)),
    "claim_reactions, a page": ("page_taken", reading(FEW_REACTIONS, 2, *REACTORS)),
    "lease_looks": (None, calling("lease_looks")),
    "mark_looks": (None, calling("mark_looks", **seeing(("88", "89", "90"), EACH["to collect"]))),
    "mark_looks, the last first": (
        None,
        calling("mark_looks", **seeing(("90", "89", "88"), EACH["to collect"][::-1])),
    ),
    "add_watched_drops": (
        "drops_added",
        calling(
            "add_watched_drops",
            watch_id=WATCH,
            messages=[{"message_id": str(each), "channel_id": "89"} for each in (9, 7, 8)],
            last_message_id="9",
        ),
    ),
    "lease_notices": (None, calling("lease_notices")),
    "mark_notices": (None, calling("mark_notices", told=[{"server_id": "77", "notices": [{"notice": 1}]}])),
    "reset_streaks": (None, calling("reset_streaks")),
    "record_events": ("recorded", batch("first", BATCH)),
    "record_events, the other way round": ("recorded", batch("second", BATCH[::-1])),
    "prune_events": (None, calling("prune_events")),
    "connect_server": ("connected", calling("connect_server", ADMIN, brand_id="brand", key_hash=KEY_HASH)),
    "disconnect_server": ("disconnected", calling("disconnect_server", ADMIN)),
    "create_event": ("event_created", calling("create_event", ADMIN, event_type="news_tracker", reward=5)),
    "edit_event": ("event_edited", calling("edit_event", ADMIN, event_type="quest", reward=20)),
    "toggle_event": ("event_toggled", calling("toggle_event", ADMIN, event_type="quest", enabled=False)),
    "delete_event": ("event_deleted", calling("delete_event", ADMIN, event_type="quest")),
    "check_server": ("server_check", calling("check_server", ADMIN)),  # writes the settings to see whether it could
    "set_streaks": ("settings_changed", calling("set_streaks", ADMIN, grace_hours=48)),
    "set_test_mode": ("settings_changed", calling("set_test_mode", ADMIN, enabled=True)),
    "set_admin_role": ("settings_changed", calling("set_admin_role", ADMIN, role_id="7", level=2)),
    "remove_admin_role": ("settings_changed", calling("remove_admin_role", ADMIN, role_id="6")),
    "set_role_bonus": ("settings_changed", calling("set_role_bonus", ADMIN, role_id="7", flat=5)),
    "remove_role_bonus": ("settings_changed", calling("remove_role_bonus", ADMIN, role_id="6")),
    "set_admin_channel": ("settings_changed", calling("set_admin_channel", ADMIN, channel_id="5")),
    "exclude_channel": ("settings_changed", calling("exclude_channel", ADMIN, channel_id="9")),
    "include_channel": ("settings_changed", calling("include_channel", ADMIN, channel_id="5")),
    "add_brand": ("brand_added", calling("add_brand", brand_id="another")),
    "rotate_brand_key": ("brand_key_rotated", calling("rotate_brand_key", brand_id="brand")),
    "set_brand_active": ("brand_changed", calling("set_brand_active", brand_id="brand", is_active=False)),
    "add_program_key": ("brand_changed", calling("add_program_key", brand_id="brand", public_key="cd" * 32)),
    "remove_program_key": ("brand_changed", calling("remove_program_key", brand_id="brand", public_key=PROGRAM)),
}


@pytest.fixture(scope="module")
def slow(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """Triggers that let every row that is written take a moment, for sessions that ask for it."""
    connection.execute(
        "create function public.take_a_moment() returns trigger language plpgsql as $$ begin"
        " perform pg_sleep(current_setting('tests.pause')::float8);"
        " return case tg_op when 'DELETE' then old else new end; end $$;"
        " grant execute on function public.take_a_moment() to public"
    )
    for table in WRITTEN:
        for name, moment in (("a_moment_before", "before update or delete"), ("a_moment_after", "after insert")):
            connection.execute(
                f"create trigger {name} {moment} on public.{table} for each row"
                " when (current_setting('tests.pause', true) <> '') execute function public.take_a_moment()"
            )
    yield
    connection.execute("drop function public.take_a_moment() cascade")


@pytest.fixture(scope="module")
def two(slow: None, supabase: LocalSupabase) -> Iterator[list[Database]]:
    """Two sessions that take their time, and notice a deadlock soon."""
    options = f"-c tests.pause={PAUSE} -c deadlock_timeout=20ms -c lock_timeout=20s"
    url = supabase.postgres.url()
    connections = [psycopg.connect(url, autocommit=True, row_factory=dict_row, options=options) for _ in range(2)]
    yield [Database(connection, url) for connection in connections]
    for connection in connections:
        connection.close()


@pytest.mark.parametrize("name", CALLS)
def test_each_finds_the_rows_that_it_writes(db: Database, name: str) -> None:
    fill(db)
    outcome, call = CALLS[name]
    before = db.contents()
    assert call(db).get("outcome") == outcome
    assert (db.contents() == before) is (name == "check_server")


def test_these_are_all_functions_that_write(db: Database) -> None:
    functions = db.rows(
        "select proname from pg_proc where pronamespace = 'public'::regnamespace and provolatile = 'v'"
        " and 'p_now' = any (proargnames)"
    )
    assert {row["proname"] for row in functions} == {name.partition(" ")[0].rstrip(",") for name in CALLS}


@pytest.mark.parametrize("name", CALLS)
def test_no_two_wait_for_each_other(db: Database, two: list[Database], name: str) -> None:
    others = list(CALLS)[list(CALLS).index(name) :]
    with ThreadPoolExecutor(2) as pool:
        for other, order in itertools.product(others, ((0, 1), (1, 0))):
            fill(db)
            at_once(pool, [two[place] for place in order], [CALLS[name][1], CALLS[other][1]], order)


def at_once(pool: ThreadPoolExecutor, sessions: list[Database], calls: list[Call], order: tuple[int, int]) -> None:
    """Make two calls, one a moment after the other. Raises DeadlockDetected."""
    barrier = Barrier(2)

    def run(session: Database, call: Call, delay: float) -> None:
        barrier.wait()
        time.sleep(delay)
        call(session)

    runs = [
        pool.submit(run, *each, place * PAUSE)
        for each, place in zip(zip(sessions, calls, strict=True), order, strict=True)
    ]
    for each in runs:
        each.result()

"""A member on two servers: what a function answers and changes on one is the same as if there were no other.

Every call is made for every member on both servers, with the other server there and without it.
"""

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from tests.infra.conftest import API
from tests.infra.supabase import two_servers
from tests.infra.supabase.two_servers import (
    ADMIN,
    CREATED_DROP,
    FIRST_ROW,
    HANDLED_ON_BOTH,
    HANDLED_ON_FIRST,
    HANDLED_ON_SECOND,
    MEMBERS,
    ON_BOTH,
    ROLE,
    SERVERS,
    drop_id,
    fill,
    other,
    payment,
    preview_id,
    watch_id,
)
from tests.sql import DAY, KEY_HASH, NOON, TABLES, Caller, Database, Row

NEW = "4900"  # an interaction that nobody has handled

CALLERS = {
    "member": Caller(role_ids=(ROLE,)),
    "admin": Caller(user_id=ADMIN, manages_server=True, required_level=4),
    "admin in a thread": Caller(user_id=ADMIN, manages_server=True, required_level=4, is_place_known=False),
    "manager": Caller(user_id=ADMIN, role_ids=(ROLE,), required_level=3),  # is one on the second server alone
}


@dataclass(frozen=True)
class Call:
    """A call by a member, or by an admin, `about` a member; the values {member} and so on are filled in."""

    function: str
    arguments: Row = field(default_factory=dict)
    by: str = "member"
    about: str | None = None
    interaction: str = NEW

    def __str__(self) -> str:
        values = [repr(value) for value in self.arguments.values()]
        return " ".join([self.function, *values, *([] if self.interaction == NEW else [f"as {self.interaction}"])])

    @property
    def members(self) -> tuple[str, ...]:
        """Whom it is made for: everybody, where it has to do with a member."""
        return MEMBERS if self.by == "member" or self.about else (ON_BOTH,)

    def make(self, db: Database, server: str, member: str) -> Any:
        """The answer on a server."""
        interaction = self.interaction if self.interaction.isdigit() else payment(member, self.interaction)
        caller = replace(CALLERS[self.by], server_id=server, interaction_id=interaction)
        if self.by == "member":
            caller = replace(caller, user_id=member)
        arguments = {
            name: value.on(server) if isinstance(value, (Drop, Entry, Preview, Watch)) else value
            for name, value in self.arguments.items()
        }
        if self.about:
            arguments[self.about] = member
        return two_servers.answer(db.call(self.function, caller, now=NOON, **arguments))


@dataclass(frozen=True)
class Batch:
    """Items of a member, whose message somebody reacts to."""

    function: str = "record_events"
    members: tuple[str, ...] = MEMBERS

    def __str__(self) -> str:
        return self.function

    def make(self, db: Database, server: str, member: str) -> Any:
        """The answer on a server."""
        kinds: list[Row] = [
            {"type": "message", "characters": 5, "words": 1},
            {"type": "voice", "seconds": 100},
            {"type": "event", "event": "quest"},
            {"type": "event", "event": "everywhere"},
            {"type": "reaction", "message_id": "5", "emoji": "x", "author_id": ON_BOTH},
            {"type": "reaction_removed", "message_id": "6", "emoji": "x"},
        ]
        items = [each | {"id": str(n), "at": NOON.isoformat(), "user_id": member} for n, each in enumerate(kinds)]
        told = db.call("record_events", key="", is_operator=True, server_id=server, items=items, now=NOON)
        return two_servers.answer(told)


@dataclass(frozen=True)
class Entry:
    """An entry of the ledger by its number on the server, or on the other one."""

    number: int
    elsewhere: bool = False

    def on(self, server: str) -> int:
        """Its id."""
        return FIRST_ROW[other(server) if self.elsewhere else server] + self.number


@dataclass(frozen=True)
class Drop:
    """A drop by its name, on the server or on the other one."""

    name: str
    elsewhere: bool = False

    def on(self, server: str) -> str:
        """Its id."""
        return drop_id(other(server) if self.elsewhere else server, self.name)


@dataclass(frozen=True)
class Watch:
    """The watch of the server, or of the other one."""

    elsewhere: bool = False

    def on(self, server: str) -> str:
        """Its id."""
        return watch_id(other(server) if self.elsewhere else server)


@dataclass(frozen=True)
class Preview:
    """The preview of the server's admin, or of the other one's."""

    elsewhere: bool = False

    def on(self, server: str) -> str:
        """Its id."""
        return preview_id(other(server) if self.elsewhere else server)


def member(function: str, interaction: str = NEW, /, **arguments: Any) -> Call:
    return Call(function, arguments, interaction=interaction)


def admin(function: str, interaction: str = NEW, /, about: str | None = None, **arguments: Any) -> Call:
    return Call(function, arguments, by="admin", about=about, interaction=interaction)


MEMBERS_CALLS = [
    member("get_balance"),
    member("get_cooldowns"),
    member("get_history"),
    member("get_history", page=2),
    member("get_help"),
    member("get_level"),
    member("get_payment"),
    *(member("get_payment", each) for each in ("claim", "drop")),
    member("get_streak"),
    member("list_claimable_events"),
    *(
        member(board, type=each, period=period)
        for board in ("get_leaderboard", "get_rank")
        for each in ("rsnc_earned", "claims", "streak", "messages", "voice", "reactions")
        for period in ("all", "week")
        if period == "all" or each in ("rsnc_earned", "claims")
    ),
    *(member("claim_event", event_type=each) for each in ("quest", "rare", "once", "everywhere")),
    member("check_in"),
    member("check_in", "daily"),
    member("claim_welcome_bonus"),
    member("claim_welcome_bonus", "welcome"),
    member("claim_event", "claim", event_type="quest"),
    member("claim_milestone"),
    *(member("claim_milestone", each, days=days) for each in (NEW, "milestone") for days in (7, 30, 100)),
    member("claim_drop", drop_id=Drop("open")),
    member("claim_drop", drop_id=Drop("open", elsewhere=True)),
    *(member("claim_drop", each, drop_id=Drop("claimed")) for each in (NEW, "drop")),
]
ADMINS_CALLS = [
    admin("get_balance", about="member_id"),
    admin("get_member", about="member_id"),
    admin("list_revocable", about="member_id"),
    admin("give_reward", about="member_id", event_type="quest", role_ids=(ROLE,)),
    admin("give_reward", about="member_id", event_type="rare", role_ids=(ROLE,)),
    admin("give_reward", about="member_id", event_type="welcome_bonus", role_ids=(ROLE,)),
    admin("revoke_reward", about="member_id", entry=Entry(0)),
    admin("revoke_reward", about="member_id", entry=Entry(1)),
    admin("revoke_reward", about="member_id", entry=Entry(3), allow_negative=True),
    admin("revoke_reward", about="member_id", entry=Entry(3, elsewhere=True), allow_negative=True),
    admin("disable_member", about="member_id", reason="Reason of 77"),
    admin("enable_member", about="member_id"),
    admin("get_audit"),
    admin("get_audit", about="member_id"),
    *(admin("get_audit", type=each) for each in ("settings", "events", "drops", "watches", "rewards", "members")),
    *(admin("get_stats", period=each) for each in ("week", "month", "all")),
    *(admin("export_rows", type=each) for each in ("rewards", "audit", "members", "config")),
    Call("get_settings", by="manager"),
    *(
        Call("create_drop", {"event_type": "quest", "channel_id": "88"}, by="admin in a thread", interaction=each)
        for each in (NEW, HANDLED_ON_FIRST, HANDLED_ON_SECOND)
    ),
    admin("get_server"),
    admin("get_settings"),
    admin("check_server"),
    admin("list_drops"),
    admin("list_watches"),
    admin("list_events"),
    admin("list_time_zones", search="Berlin"),
]
CHANGES = [
    admin("create_drop", event_type="quest", channel_id="88"),
    admin("create_drop", CREATED_DROP, event_type="quest", channel_id="88"),
    admin("create_drop", event_type="quest", channel_id="88", drop_type="reaction", emoji="🎉", message_id="99"),
    admin("preview_drop", terms={"event_type": "quest", "channel_id": "88"}),
    *(
        admin(function, preview_id=Preview(elsewhere))
        for elsewhere in (False, True)
        for function in ("get_preview", "post_preview", "cancel_preview")
    ),
    *(
        admin("change_preview", preview_id=Preview(elsewhere), terms={"title": "Another"})
        for elsewhere in (False, True)
    ),
    admin("start_watch", event_type="quest", channel_id="86"),
    admin("stop_watch", watch_id=Watch()),
    admin("stop_watch", watch_id=Watch(elsewhere=True)),
    *(
        admin(function, drop_id=Drop(name, elsewhere), **change)
        for elsewhere in (False, True)
        for function, name, change in (
            ("edit_drop", "open", {"description": "Another"}),
            ("end_drop", "open", {}),
            ("cancel_drop", "open", {}),
            ("cancel_drop_post", "created", {}),
        )
    ),
    admin("create_event", event_type="raid", reward=5),
    admin("create_event", event_type="everywhere", reward=5),
    admin("edit_event", event_type="quest", reward=5),
    admin("edit_event", event_type="everywhere", reward=5),
    admin("toggle_event", event_type="quest"),
    admin("toggle_event", event_type="everywhere"),
    admin("delete_event", event_type="quest"),
    admin("set_streaks", grace_hours=30),
    admin("set_test_mode", enabled=True),
    admin("set_admin_channel", channel_id="99"),
    admin("set_admin_role", role_id=ROLE, level=1),
    admin("remove_admin_role", role_id=ROLE),
    admin("set_role_bonus", role_id=ROLE, multiplier=2.5),
    admin("remove_role_bonus", role_id=ROLE),
    admin("exclude_channel", channel_id="89"),
    admin("include_channel", channel_id="6677"),
    admin("connect_server", brand_id="brand", key_hash=KEY_HASH),
    admin("connect_server", brand_id="another", key_hash=KEY_HASH),
    admin("disconnect_server"),
    *(
        admin("set_test_mode", interaction, enabled=True)
        for interaction in (HANDLED_ON_BOTH, HANDLED_ON_FIRST, HANDLED_ON_SECOND)
    ),
]
CALLS: list[Call | Batch] = [*MEMBERS_CALLS, *ADMINS_CALLS, *CHANGES, Batch()]


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_a_server_is_as_if_there_were_no_other(db: Database, call: Call | Batch) -> None:
    alone: dict[tuple[str, str], dict[str | None, Any]] = {}
    for server in SERVERS:
        fill(db, [server])
        alone |= {(server, who): of(server, told(db, call, server, who)) for who in call.members}

    assert "server_not_connected" not in {each["answer"]["outcome"] for each in alone.values()}

    fill(db, SERVERS)
    beside = two_servers.rows(db)
    for (server, who), expected in alone.items():
        assert told(db, call, server, who) == beside | expected, (server, who)


def of(server: str, told: dict[str | None, Any]) -> dict[str | None, Any]:
    """What is the server's and the brand's own of what was told."""
    return {each: told[each] for each in ("answer", None, server)}


def told(db: Database, call: Call | Batch, server: str, who: str) -> dict[str | None, Any]:
    """What a call answers, and the rows after it."""
    with two_servers.undone(db):
        answer = call.make(db, server, who)
        return {"answer": answer} | two_servers.rows(db)


SCHEDULES: list[tuple[str, Row]] = [
    ("expire_drops", {}),
    ("reset_streaks", {"now": NOON + DAY}),
    ("prune_events", {}),
]


@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda schedule: schedule[0])
def test_a_schedule_treats_each_server_as_if_there_were_no_other(db: Database, schedule: tuple[str, Row]) -> None:
    function, arguments = schedule
    alone, counts, drops = {}, Counter[str](), []
    for server in SERVERS:
        fill(db, [server])
        before = two_servers.rows(db)[server]
        answer = db.call(function, **{"now": NOON} | arguments)
        alone[server] = two_servers.rows(db)[server]
        assert alone[server] != before
        counts.update({name: value for name, value in answer.items() if type(value) is int})
        drops += answer.get("drops", [])
    fill(db, SERVERS)
    answer = db.call(function, **{"now": NOON} | arguments)
    assert {server: two_servers.rows(db)[server] for server in SERVERS} == alone
    assert {name: answer[name] for name in counts} == counts
    assert sorted(answer.get("drops", []), key=str) == sorted(drops, key=str)


OF_NO_SERVER = (
    *("discord_drop_claims", "drop_places", "uncounted_claims", "brands", "brand_keys"),
    *("reaction_channels", "reaction_looks", "drop_reactors"),
)
LOCKED = tuple(set(TABLES) - {"discord_audit_log", "reward_ledger", *OF_NO_SERVER})


@pytest.mark.parametrize("server", SERVERS)
def test_nobody_waits_for_the_other_server(db: Database, server: str) -> None:
    fill(db, SERVERS)
    with ExitStack() as stack:
        for table in LOCKED:
            stack.enter_context(db.held(f"select from {table} where server_id = %s for update", other(server)))
        for call in CALLS:
            told(db, call, server, ON_BOTH)


def test_every_function_of_a_server_is_asked() -> None:
    everywhere = {"mark_drops_rendered"}  # by the ids of drops alone
    everywhere |= {"add_brand", "rotate_brand_key", "set_brand_active", "list_brands"}  # of brands, not of servers
    everywhere |= {"add_program_key", "remove_program_key"}
    everywhere |= {"lease_notices", "mark_notices"}  # of all servers
    everywhere |= {"lease_looks", "mark_looks", "claim_reactions", "add_watched_drops"}  # of channels, drops, watches
    assert {call.function for call in CALLS} | {name for name, _ in SCHEDULES} | everywhere == {
        file.stem for file in API
    }


def test_a_streak_lapses_by_the_grace_of_its_own_server(db: Database) -> None:
    fill(db, SERVERS)
    db.call("reset_streaks", now=NOON + DAY)
    streaks = db.rows(
        "select server_id, current_streak from discord_user_streaks where discord_user_id = %s order by 1", ON_BOTH
    )
    assert [tuple(row.values()) for row in streaks] == [("77", 0), ("78", 9)]

"""What may stand against earning, as the tests set it up."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from psycopg.types.json import Jsonb

from tests.sql import BOB, HOUR, NOON, Caller, Database, Row

TESTERS, VIEWERS, OTHERS = "421", "422", "423"


@dataclass(frozen=True)
class Problem:
    """What keeps a member from earning: something in the database, and what Discord signs about the member."""

    set_up: Callable[[Database], Any] = lambda _: None
    signed: Row = field(default_factory=dict)

    def __call__(self, db: Database, member: Caller = BOB) -> Caller:
        """Set it up; gives the member as they then are."""
        self.set_up(db)
        return replace(member, **self.signed)


def setting(name: str, value: Any) -> Problem:
    """Set one of the server's settings."""
    return Problem(
        lambda db: db.run(
            "update discord_server_configs set config_metadata = coalesce(config_metadata, '{}') || %s",
            Jsonb({name: value}),
        )
    )


def rule(column: str, value: Any) -> Problem:
    """Change a column of the event."""
    return Problem(lambda db: db.run(f"update monitoring_rules set {column} = %s", value))


def earned(column: str, value: int) -> Problem:
    """The member has earned the event once, an hour ago; the rule now minds."""

    def set_up(db: Database) -> None:
        rule(column, value)(db)
        db.run(
            "insert into event_claims select '77', '1002', event_type, 1, %s from"
            " (values ('quest'), ('daily_checkin'), ('welcome_bonus')) as events (event_type) on conflict do nothing",
            NOON - HOUR,
        )
        db.run("insert into event_totals select '77', event_type, 1 from event_claims on conflict do nothing")

    return Problem(set_up)


IN_UNKNOWN_CATEGORY: Row = {"parent_ids": ("87",), "is_place_known": False}


# In the order of the rules.
PROBLEMS: dict[str, Problem] = {
    "server_not_connected": Problem(lambda db: db.run("update discord_server_configs set is_active = false")),
    "brand_disabled": Problem(lambda db: db.add_brand(is_active=False)),
    "event_not_found": Problem(lambda db: db.run("delete from monitoring_rules")),
    "event_disabled": rule("is_enabled", False),
    "member_disabled": Problem(lambda db: db.run("insert into disabled_members values ('77', '1002', 'spam', '9001')")),
    "member_pending": Problem(signed={"is_pending": True}),
    "member_timed_out": Problem(signed={"timed_out_until": NOON + HOUR}),
    "test_mode": setting("test_mode", {"enabled": True, "role": TESTERS}),
    "channel_excluded": setting("excluded_channels", ["88"]),
    "category_needed": replace(setting("excluded_channels", ["86"]), signed=IN_UNKNOWN_CATEGORY),
    "cooldown": earned("cooldown_hours", 2),
    "limit_reached": earned("max_claims_per_user", 1),
    "total_limit_reached": earned("max_total_claims", 1),
}


def claim(db: Database, drop_id: str, member: Caller = BOB) -> Row:
    """A new click."""
    return db.call("claim_drop", member.again(), drop_id=drop_id, now=NOON)

"""expire_drops: with a drop in every state, closes what is due and hands out what is behind."""

from typing import Any

import pytest

from tests.sql import BOB, DAY, HOUR, MINUTE, NOON, SECOND, Caller, Database, Row

SHOWN: Row = {"rendered_revision": 1}
ENDED: Row = {"ended_at": NOON - HOUR, "revision": 3, "rendered_revision": 2}
UNPOSTED: Row = {"message_id": None, "expires_at": NOON + DAY}

LEFT_ALONE: dict[str, Row] = {
    "open": SHOWN | {"expires_at": NOON + SECOND},
    "permanent": SHOWN,
    "settled": ENDED | {"end_reason": "ended", "rendered_revision": 3, "is_settled": True},
    "deleted by hand": ENDED | {"end_reason": "message_deleted", "is_settled": True},
    "being posted": UNPOSTED | {"created_at": NOON - 10 * SECOND, "render_after": NOON + 20 * SECOND},
    "open reaction": {"drop_type": "reaction", "emoji": "x", "expires_at": NOON + HOUR},
    "leased": {"render_after": NOON + MINUTE},
    "failed": {"render_after": NOON + SECOND, "render_attempts": 3},
}
CLOSED: dict[str, Row] = {
    "due": SHOWN | {"expires_at": NOON},
    "due and behind": {"expires_at": NOON - HOUR},
    "due elsewhere": SHOWN | {"expires_at": NOON, "server_id": "78"},
    "due and leased": {"expires_at": NOON, "render_after": NOON + MINUTE},
    "due and unposted": UNPOSTED | {"expires_at": NOON - HOUR},
    "due nowhere": {"expires_at": NOON, "channel_id": None},
    "due reaction": {"drop_type": "reaction", "expires_at": NOON},
}
HANDED_OUT: dict[str, Row] = {
    **{name: CLOSED[name] for name in ("due", "due and behind", "due elsewhere")},
    "behind": {"claims_count": 3, "revision": 4, "rendered_revision": 1},
    "of no known type": {"drop_type": None, "revision": 2, "rendered_revision": 1},
    "sold out": ENDED | {"end_reason": "sold_out", "max_claims": 2, "claims_count": 2},
    "ended": ENDED | {"end_reason": "ended"},
    "cancelled": ENDED | {"end_reason": "cancelled"},
    "expired": ENDED | {"end_reason": "expired"},
    "unposted": UNPOSTED | {"created_at": NOON - MINUTE, "render_after": NOON - 30 * SECOND},
    "failed before": {"render_after": NOON, "render_attempts": 3},
}
GIVEN_UP: dict[str, Row] = {"unposted for long": UNPOSTED | {"created_at": NOON - 6 * MINUTE}}

EVERY_STATE = LEFT_ALONE | CLOSED | HANDED_OUT | GIVEN_UP


class EveryState:
    """The database with a drop in every state."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.ids = {name: db.add_drop(**columns) for name, columns in EVERY_STATE.items()}
        self.names = {drop_id: name for name, drop_id in self.ids.items()}

    def drops(self) -> dict[str, Row]:
        """The rows by the name of their state."""
        return {self.names[str(row["drop_id"])]: row for row in self.db.rows("select * from discord_drops")}

    def expire(self, **arguments: Any) -> tuple[int, set[str]]:
        """A run; gives how many it closed and the names of what it handed out."""
        result = self.db.call("expire_drops", **{"now": NOON} | arguments)
        names = [self.names[drop["drop_id"]] for drop in result["drops"]]
        assert len(names) == len(set(names))
        return result["expired"], set(names)


@pytest.fixture
def states(seeded: Database) -> EveryState:
    """A drop in every state."""
    return EveryState(seeded)


def changes(before: dict[str, Row], after: dict[str, Row]) -> dict[str, Row]:
    """The new values of what changed, by name."""
    return {
        name: {column: value for column, value in after[name].items() if value != before[name][column]}
        for name in before
        if before[name] != after[name]
    }


def test_a_run_closes_what_is_due_hands_out_what_is_behind_and_touches_nothing_else(states: EveryState) -> None:
    before, books = states.drops(), states.db.contents("discord_user_stats", "reward_ledger", "discord_drop_claims")
    assert states.expire() == (len(CLOSED), set(HANDED_OUT))
    changed = changes(before, states.drops())
    assert set(changed) == set(CLOSED) | set(HANDED_OUT) | set(GIVEN_UP)
    lease = NOON + 2 * MINUTE
    for name, columns in CLOSED.items():
        closed = {"ended_at": columns["expires_at"], "end_reason": "expired", "revision": 2}
        rest = {"render_after": lease} if name in HANDED_OUT else {"is_settled": True}
        if name == "due and leased":
            rest = {}
        assert changed[name] == closed | rest, name
    for name in set(HANDED_OUT) - set(CLOSED):
        assert changed[name] == {"render_after": lease}, name
    assert changed["unposted for long"] == {
        "ended_at": NOON,
        "end_reason": "not_posted",
        "is_settled": True,
        "revision": 2,
    }
    assert states.db.contents(*books) == books


def test_what_it_hands_out_is_all_that_a_message_shows(states: EveryState) -> None:
    drops = {states.names[drop["drop_id"]]: drop for drop in states.db.call("expire_drops", now=NOON)["drops"]}
    assert drops["due"] == {
        "drop_id": states.ids["due"],
        "server_id": "77",
        "channel_id": "88",
        "message_id": "99",
        "title": "quest",
        "reward": 10,
        "label": None,
        "description": None,
        "claims_count": 0,
        "max_claims": None,
        "expires_at": "2026-03-10T12:00:00+00:00",
        "end_reason": "expired",
        "end_cause": "expired",
        "revision": 2,
    }
    assert drops["unposted"]["message_id"] is None
    assert drops["due elsewhere"]["reward"] == 0  # no such server: nothing says what it would have paid


def test_a_second_run_finds_nothing_to_do(states: EveryState) -> None:
    states.expire()
    before = states.db.contents()
    assert states.expire() == (0, set())
    assert states.db.contents() == before


def test_a_lease_ends_after_two_minutes(states: EveryState) -> None:
    _, handed_out = states.expire()
    assert states.expire(now=NOON + SECOND)[1] == {"failed", "open"}
    assert states.expire(now=NOON + 2 * MINUTE - SECOND)[1] == {"leased", "due and leased", "being posted"}
    assert states.expire(now=NOON + 2 * MINUTE)[1] == handed_out


def test_a_post_comes_first_and_then_the_final_state(states: EveryState) -> None:
    assert states.expire(render=1)[1] == {"unposted"}
    _, first = states.expire(render=7)
    assert first == {"due", "due and behind", "due elsewhere", "sold out", "ended", "cancelled", "expired"}


def test_all_that_is_due_is_closed_before_anything_is_handed_out(states: EveryState) -> None:
    batches = [len(CLOSED) - 1, 1, 1]
    runs = [states.expire(batch=batch, render=1) for batch in batches]
    assert [(expired, len(names)) for expired, names in runs] == [(len(CLOSED) - 1, 0), (1, 0), (0, 1)]


def test_no_channel_keeps_the_others_waiting(seeded: Database) -> None:
    for channel, drops in (("1", 30), ("2", 4), ("3", 1)):
        for n in range(drops):
            seeded.add_drop(channel_id=channel, ended_at=NOON - n * SECOND, end_reason="ended")
    handed_out = [seeded.call("expire_drops", render=6, now=NOON)["drops"] for _ in range(3)]
    channels = [sorted(drop["channel_id"] for drop in drops) for drops in handed_out]
    assert channels == [["1", "1", "1", "2", "2", "3"], ["1", "1", "1", "1", "2", "2"], ["1"] * 6]


def test_what_is_handed_out_stands_in_the_order_in_which_it_is_to_be_shown(seeded: Database) -> None:
    open_drop = seeded.add_drop()
    ended = seeded.add_drop(ended_at=NOON - HOUR, end_reason="ended")
    unposted = seeded.add_drop(message_id=None)
    drops = seeded.call("expire_drops", now=NOON)["drops"]
    assert [drop["drop_id"] for drop in drops] == [unposted, ended, open_drop]


def test_a_run_that_sticks_to_its_moment_gets_no_drop_twice(seeded: Database) -> None:
    drop_id = seeded.add_drop()
    first = seeded.call("expire_drops", now=NOON)
    assert first["now"] == "2026-03-10T12:00:00+00:00"
    seeded.call("mark_drops_rendered", rendered=first["drops"], now=NOON + SECOND)
    seeded.run("update discord_drops set claims_count = 1, revision = revision + 1")
    assert seeded.call("expire_drops", now=first["now"])["drops"] == []
    (again,) = seeded.call("expire_drops", now=NOON + MINUTE)["drops"]
    assert (again["drop_id"], again["claims_count"]) == (drop_id, 1)


def test_a_lease_outlasts_the_run_that_takes_it_last(states: EveryState) -> None:
    _, handed_out = states.expire()  # as at the end of the run, which sticks to the moment of its start
    ends = [drop["render_after"] for name, drop in states.drops().items() if name in handed_out]
    assert min(ends) - NOON >= 2 * MINUTE


def test_it_works_batch_by_batch(states: EveryState) -> None:
    expired, handed_out = list[int](), list[str]()
    for _ in range(20):
        count, names = states.expire(batch=2, render=3)
        assert count <= 2
        assert len(names) <= 3
        expired.append(count)
        handed_out += names
    assert sum(expired) == len(CLOSED)
    assert sorted(handed_out) == sorted(HANDED_OUT)


def test_runs_at_once_share_the_work_and_hand_out_no_drop_twice(seeded: Database) -> None:
    due = [seeded.add_drop(expires_at=NOON - n * SECOND) for n in range(120)]
    open_drop = seeded.add_drop(expires_at=NOON + HOUR, rendered_revision=1)

    def until_nothing_is_left(db: Database) -> tuple[int, list[str]]:
        expired, drops = 0, list[str]()
        while True:
            result = db.call("expire_drops", batch=10, render=4, now=NOON)
            expired += result["expired"]
            drops += [drop["drop_id"] for drop in result["drops"]]
            if not result["expired"] and not result["drops"]:
                return expired, drops

    runs = seeded.race([until_nothing_is_left] * 4, at_once=4)
    handed_out = [drop for _, drops in runs for drop in drops]
    left = seeded.call("expire_drops", batch=1000, render=1000, now=NOON)  # held by a twin when the others looked
    assert sum(expired for expired, _ in runs) + left["expired"] == 120
    assert sorted(handed_out + [drop["drop_id"] for drop in left["drops"]]) == sorted(due)
    assert len(handed_out) > 60
    assert seeded.value("select ended_at from discord_drops where drop_id = %s", open_drop) is None


def test_a_drop_that_is_due_takes_no_claim_before_or_after_the_run(states: EveryState) -> None:
    for _ in range(2):
        result = states.db.call("claim_drop", BOB.again(), drop_id=states.ids["due"], now=NOON)
        assert (result["outcome"], result["drop"]["end_reason"]) == ("drop_expired", "expired")
        states.expire()
    states.db.assert_books_agree("78")
    assert states.db.rows("select from reward_ledger") == []


def test_a_claim_and_a_run_at_the_same_moment_never_pay_a_closed_drop(seeded: Database) -> None:
    drops = [seeded.add_drop(expires_at=NOON) for _ in range(10)]
    early = [
        lambda db, n=n, drop=drop: db.call("claim_drop", Caller(str(n)).again(), drop_id=drop, now=NOON - SECOND)
        for n, drop in enumerate(drops)
    ]
    seeded.race([*early, lambda db: db.call("expire_drops", now=NOON), *early], at_once=10)
    seeded.call("expire_drops", now=NOON)  # the run skipped what a claim held
    assert seeded.value("select count(*) from discord_drops where end_reason = 'expired'") == 10
    seeded.assert_books_agree()


def test_a_drop_that_another_program_filled_up_is_closed(seeded: Database) -> None:
    full = seeded.add_drop(claims_count=2, rendered_revision=1)
    seeded.run("update discord_drops set max_claims = 2")
    drops = seeded.call("expire_drops", now=NOON)["drops"]
    assert [(drop["drop_id"], drop["end_reason"]) for drop in drops] == [(full, "sold_out")]


@pytest.mark.parametrize(
    "change",
    [
        "max_claims = 50",
        "max_claims = null",
        "expires_at = '2026-03-12T00:00:00Z'",
        "reward_amount = 5",
        "label = 'Now'",
        "description = 'Hurry'",
        "title = 'Raid'",
    ],
)
def test_what_another_program_changes_is_shown(seeded: Database, change: str) -> None:
    other = seeded.add_drop(rendered_revision=1)
    drop = seeded.add_drop(rendered_revision=1, max_claims=10)
    seeded.run(f"update discord_drops set {change} where drop_id = %s", drop)
    handed_out = seeded.call("expire_drops", now=NOON)["drops"]
    assert [(each["drop_id"], each["revision"]) for each in handed_out] == [(drop, 2)]
    assert seeded.value("select revision from discord_drops where drop_id = %s", other) == 1


def test_what_no_message_shows_makes_none_stale(seeded: Database) -> None:
    seeded.add_drop(rendered_revision=1)
    seeded.run("update discord_drops set emoji = 'x', created_by = '1', message_id = '98'")
    assert seeded.call("expire_drops", now=NOON)["drops"] == []


@pytest.mark.parametrize("kind", ["due", "unposted for long", "behind"])
def test_no_row_is_waited_for(seeded: Database, kind: str) -> None:
    held, free = (seeded.add_drop(**EVERY_STATE[kind]) for _ in range(2))
    before = seeded.drop(held)
    with seeded.held("select from discord_drops where drop_id = %s for update", held):
        result = seeded.call("expire_drops", now=NOON)
    assert seeded.drop(held) == before
    assert seeded.drop(free) != before | {"drop_id": free}
    assert [drop["drop_id"] for drop in result["drops"]] == ([] if kind == "unposted for long" else [free])

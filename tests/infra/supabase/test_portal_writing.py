"""What the portal's people write: the events of their brands, and nothing else."""

import itertools
from collections import Counter
from collections.abc import Callable
from uuid import uuid4

import httpx
import pytest

from tests.infra.conftest import Rest
from tests.infra.supabase.portal import FOREIGN, LEFT, OURS, SERVER, SUBJECT, THEIRS, person
from tests.infra.supabase.portal_requests import FORBIDDEN, rule, seen
from tests.sql import NOON, TABLES, Caller, Database, Row

READ_ONLY = sorted(set(TABLES) - {"monitoring_rules"})


@pytest.mark.parametrize("table", READ_ONLY)
def test_nothing_but_events_can_be_written(world: Database, ours: httpx.Client, table: str) -> None:
    names = world.rows(
        "select column_name as name from information_schema.columns where table_name = %s and is_identity = 'NO'", table
    )
    (column, *_) = (row["name"] for row in names)
    rows = world.rows(f"select to_jsonb(t) - 'id' as row from {table} as t")
    row = rows[0]["row"] if rows else {column: None}
    before = world.contents()
    merge = {"Prefer": "resolution=merge-duplicates,return=representation"}
    answers = [
        ours.post(f"/{table}", json=row),
        ours.post(f"/{table}", json=row, headers=merge),
        ours.post(f"/{table}", json=[row, row], headers={"Prefer": "resolution=ignore-duplicates"}),
        ours.patch(f"/{table}?{column}=not.is.null", json={column: row[column]}),
        ours.delete(f"/{table}?{column}=not.is.null"),
        ours.delete(f"/{table}"),
    ]
    assert {answer.status_code for answer in answers} == {FORBIDDEN}
    assert {answer.json()["code"] for answer in answers} == {"42501"}
    assert world.contents() == before


@pytest.mark.parametrize("server", [None, SERVER])
def test_a_person_makes_changes_and_deletes_an_event_of_their_brand(
    world: Database, ours: httpx.Client, server: str | None
) -> None:
    keep = {"Prefer": "return=representation"}
    (made,) = ours.post("/monitoring_rules", json=rule(server_id=server), headers=keep).json()
    assert (made["brand_id"], made["server_id"], made["is_enabled"]) == (OURS, server, True)
    path = f"/monitoring_rules?id=eq.{made['id']}"
    (changed,) = ours.patch(path, json={"reward_amount": 30, "label": "Survey"}, headers=keep).json()
    upserted = ours.post(
        "/monitoring_rules?on_conflict=brand_id,server_id,event_type",
        json=[rule(server_id=server, reward_amount=40)],
        headers={"Prefer": "resolution=merge-duplicates,return=representation"},
    ).json()
    assert [(row["id"], row["reward_amount"]) for row in (changed, *upserted)] == [(made["id"], 30), (made["id"], 40)]
    assert ours.delete(path, headers=keep).json() == upserted
    states = world.rows(
        "select action, server_id, brand_id, actor_type, actor_id, interaction_id, before_state, after_state"
        " from discord_audit_log where 'survey' in (before_state ->> 'event_type', after_state ->> 'event_type')"
        " order by id"
    )
    assert [row["action"] for row in states] == ["event.created", *["event.updated"] * 2, "event.deleted"]
    assert {(row["server_id"], row["brand_id"]) for row in states} == {(server or "*", OURS)}
    assert {(row["actor_type"], row["actor_id"], row["interaction_id"]) for row in states} == {
        ("system", SUBJECT, None)
    }
    assert [row["before_state"] for row in states] == [None, made, changed, upserted[0]]
    assert [row["after_state"] for row in states] == [made, changed, upserted[0], None]


REFUSED: dict[str, Row] = {
    "another brand's": {"brand_id": THEIRS},
    "no brand's": {"brand_id": None},
    "another brand's, of a server of theirs": {"brand_id": THEIRS, "server_id": FOREIGN},
    "another brand's, of a server of ours": {"brand_id": THEIRS, "server_id": SERVER},
    "ours, of another brand's server": {"server_id": FOREIGN},
    "ours, of a server that has left": {"server_id": LEFT},
    "ours, of a server that nobody knows": {"server_id": "99"},
}


@pytest.mark.parametrize("case", REFUSED)
def test_an_event_of_anything_else_is_refused(world: Database, ours: httpx.Client, case: str) -> None:
    before = world.contents()
    event = rule(**REFUSED[case])
    for path, body in itertools.product(
        ("/monitoring_rules", "/monitoring_rules?on_conflict=brand_id,server_id,event_type"),
        (event, [rule(), event, rule(event_type="poll")]),
    ):
        for prefer in ("resolution=merge-duplicates", "resolution=ignore-duplicates", "return=representation"):
            answer = ours.post(path, json=body, headers={"Prefer": prefer})
            assert answer.status_code == FORBIDDEN, answer.text
            assert answer.json()["code"] == "42501"
    assert world.contents() == before


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.parametrize("server", [None, SERVER])
def test_an_event_moves_to_nothing_else(world: Database, ours: httpx.Client, case: str, server: str | None) -> None:
    own = "server_id is null" if server is None else f"server_id = '{server}'"
    event = world.one(f"select id::text, event_type from monitoring_rules where brand_id = 'ours' and {own}")
    before = world.contents()
    moved = rule(**event) | {"server_id": server} | REFUSED[case]
    merge = {"Prefer": "resolution=merge-duplicates"}
    answers = [
        ours.patch(f"/monitoring_rules?id=eq.{event['id']}", json=REFUSED[case]),
        ours.post("/monitoring_rules?on_conflict=id", json=moved, headers=merge),
        ours.put(f"/monitoring_rules?id=eq.{event['id']}", json=moved | blank(moved)),
    ]
    assert {answer.status_code for answer in answers} == {FORBIDDEN}, [answer.text for answer in answers]
    assert world.contents() == before


def blank(row: Row) -> Row:
    """The other columns of an event, which PUT asks for."""
    others = ("cooldown_hours", "max_claims_per_user", "is_enabled", "max_total_claims", "label", "detection_config")
    return dict.fromkeys(others) | {"claimable": False} | row


@pytest.mark.parametrize(
    "where", [f"brand_id = '{THEIRS}' and server_id is null", "server_id = '80'", "server_id = '78'"]
)
def test_what_is_not_seen_is_not_changed_nor_deleted_nor_taken_over(
    world: Database, ours: httpx.Client, where: str
) -> None:
    before = world.contents()
    (event,) = world.rows(f"select id::text, event_type from monitoring_rules where {where}")
    path = f"/monitoring_rules?id=eq.{event['id']}"
    keep = {"Prefer": "return=representation"}
    for column in ({"reward_amount": 0}, {"brand_id": OURS, "server_id": None, "event_type": "mine"}):
        assert ours.patch(path, json=column, headers=keep).json() == []
    assert ours.delete(path, headers=keep).json() == []
    stolen = rule(id=event["id"], event_type="stolen")
    merge = {"Prefer": "resolution=merge-duplicates"}
    answers = [
        ours.post("/monitoring_rules", json=stolen, headers=merge),
        ours.post("/monitoring_rules?on_conflict=id", json=[rule(id=str(uuid4())), stolen], headers=merge),
        ours.put(path, json=blank(stolen)),
    ]
    assert {answer.status_code for answer in answers} == {FORBIDDEN}, [answer.text for answer in answers]
    assert ours.post("/monitoring_rules", json=stolen).status_code == httpx.codes.CONFLICT
    ignore = {"Prefer": "resolution=ignore-duplicates,return=representation"}
    assert ours.post("/monitoring_rules?on_conflict=id", json=stolen, headers=ignore).json() == []
    assert world.contents() == before


def test_bulk_changes_stop_at_the_brand(world: Database, ours: httpx.Client) -> None:
    theirs = f"select * from monitoring_rules where brand_id = '{THEIRS}' or server_id = '{LEFT}' order by id"
    before = world.rows(theirs)
    keep = {"Prefer": "return=representation"}
    changed = ours.patch("/monitoring_rules?id=not.is.null", json={"reward_amount": 1}, headers=keep)
    assert {(row["brand_id"], row["server_id"]) for row in changed.json()} == {(OURS, None), (OURS, SERVER)}
    assert ours.delete("/monitoring_rules?or=(id.is.null,id.not.is.null)").is_success
    assert world.rows(theirs) == before
    assert seen(ours, "/monitoring_rules") == []


def test_a_person_of_two_brands_does_not_mix_them(world: Database, rest: Rest) -> None:
    both = rest(**person(OURS, THEIRS))
    before = world.contents()
    assert both.post("/monitoring_rules", json=rule(server_id=FOREIGN)).status_code == FORBIDDEN
    assert both.patch(f"/monitoring_rules?server_id=eq.{SERVER}", json={"brand_id": THEIRS}).status_code == FORBIDDEN
    assert world.contents() == before
    assert both.post("/monitoring_rules", json=rule(brand_id=THEIRS, server_id=FOREIGN)).is_success


def test_what_an_event_may_not_be_it_may_not_be_for_a_person_either(world: Database, ours: httpx.Client) -> None:
    before = world.contents()
    for columns in ({"reward_amount": -1}, {"reward_amount": 0.001}, {"reward_amount": 1e10}, {"event_type": None}):
        assert ours.post("/monitoring_rules", json=rule(**columns)).status_code == httpx.codes.BAD_REQUEST
    assert world.contents() == before


def test_drops_of_an_event_that_a_person_deletes_end(world: Database, ours: httpx.Client) -> None:
    assert ours.delete(f"/monitoring_rules?server_id=eq.{SERVER}").is_success
    rows = world.rows("select server_id, end_reason from discord_drops order by server_id")
    assert [tuple(row.values()) for row in rows] == [(SERVER, "event_deleted"), (LEFT, "server_left"), (FOREIGN, None)]


def test_a_person_changes_an_event_while_members_click(world: Database, ours: httpx.Client) -> None:
    """Thirty are paid, each what the event paid at some moment; neither side fails."""
    drop = world.add_drop(event_id="raid", max_claims=30)
    path = f"/monitoring_rules?server_id=eq.{SERVER}"

    def claim(member: int) -> Callable[[Database], str]:
        caller = Caller(user_id=str(2000 + member)).again()
        return lambda db: str(db.call("claim_drop", caller, drop_id=drop, now=NOON)["outcome"])

    def change(number: int) -> Callable[[Database], str]:
        return lambda _: str(ours.patch(path, json={"reward_amount": 21 + number}).status_code)

    calls = [call for number in range(40) for call in ([claim(number)] + [change(number)] * (number % 4 == 0))]
    outcomes = Counter(world.race(calls))
    assert outcomes["claimed"] == 30
    assert set(outcomes) <= {"claimed", "drop_full", "204"}, outcomes
    assert outcomes["204"] == 10
    assert ours.delete(path).is_success
    paid = world.rows("select amount, discord_user_id from reward_ledger where reference = %s", drop)
    assert {row["amount"] for row in paid} <= set(range(20, 61))
    assert len({row["discord_user_id"] for row in paid}) == 30
    assert world.value("select count(*) from discord_audit_log where actor_id = %s", SUBJECT) == 11
    assert world.drop(drop)["claims_count"] == 30
    assert world.value("select count(*) from discord_drop_claims where drop_id = %s", drop) == 30

"""What other programs may write with the service key, over the real PostgREST, and what they may not."""

from typing import Any

import httpx
import pytest

from tests.infra.conftest import Rest
from tests.sql import ADMIN, BOB, NOON, Database

Json = dict[str, Any]
MERGE = {"Prefer": "resolution=merge-duplicates"}
MEMBER = {"server_id": "77", "discord_user_id": "1002"}


@pytest.fixture
def api(rest: Rest) -> httpx.Client:
    """A program with the service key."""
    return rest(role="service_role")


@pytest.fixture
def paid(seeded: Database) -> Database:
    """A server where a full drop has paid 1002."""
    seeded.call("claim_drop", BOB, drop_id=seeded.add_drop(max_claims=1), now=NOON)
    return seeded


LEDGER_ROW = MEMBER | {
    "brand_id": "brand",
    "event_type": "quest",
    "amount": 5,
    "source": "activity",
    "actor_id": "1",
    "balance_after": 0,
}
REFUSED: list[tuple[str, str, Json | list[Json]]] = [
    ("PATCH", "/discord_user_stats?server_id=eq.77", {"rsnc_total": 5}),
    ("PATCH", "/discord_user_stats?server_id=eq.77", {"rsnc_total": "NaN"}),
    ("PATCH", "/discord_user_stats?server_id=eq.77", {"rsnc_earned": 5}),
    ("POST", "/discord_user_stats", {"server_id": "77", "discord_user_id": "5", "rsnc_total": 5}),
    ("DELETE", "/discord_user_stats?server_id=eq.77", {}),
    ("PATCH", "/discord_drops?server_id=eq.77", {"claims_count": 0}),
    ("POST", "/discord_drops", {"server_id": "77", "event_id": "quest", "claims_count": 0}),
    ("POST", "/discord_drop_claims", {"claim_id": "11111111-1111-4111-8111-111111111111", "discord_user_id": "1"}),
    ("PATCH", "/discord_drop_claims?place=eq.1", {"reward_amount": 5}),
    ("DELETE", "/discord_drop_claims?place=eq.1", {}),
    ("POST", "/reward_ledger", LEDGER_ROW),
    ("POST", "/discord_audit_log", {"server_id": "77", "actor_type": "admin", "actor_id": "1", "action": "x"}),
    ("PATCH", "/event_claims?server_id=eq.77", {"claims": 0}),
    ("DELETE", "/event_claims?server_id=eq.77", {}),
    ("PATCH", "/event_totals?server_id=eq.77", {"claims": 0}),
    ("PATCH", "/member_earnings?server_id=eq.77", {"rsnc": 5}),
]


@pytest.mark.parametrize(("method", "path", "body"), REFUSED)
def test_money_moves_by_the_functions_alone(
    paid: Database, api: httpx.Client, method: str, path: str, body: Json
) -> None:
    before = paid.contents()
    answer = api.request(method, path, json=body)
    assert (answer.status_code, answer.json()["code"]) == (httpx.codes.FORBIDDEN, "42501"), answer.text
    assert paid.contents() == before


@pytest.mark.parametrize("user_id", ["1002", "1003"])
def test_counters_are_written_as_before(paid: Database, api: httpx.Client, user_id: str) -> None:
    counters = {"messages_count": 7, "voice_minutes": 8, "reactions_count": 9, "reactions_received": 10}
    rows = [{"server_id": "77", "discord_user_id": user_id} | counters]
    for _ in range(2):
        assert api.post("/discord_user_stats", json=rows, headers=MERGE).is_success
    found = paid.one("select * from discord_user_stats where discord_user_id = %s", user_id)
    assert {name: found[name] for name in counters} == counters
    assert found["rsnc_total"] == (10 if user_id == "1002" else 0)
    assert api.patch(f"/discord_user_stats?discord_user_id=eq.{user_id}", json={"voice_minutes": 1}).is_success
    paid.assert_books_agree()


@pytest.mark.parametrize("change", [{"server_id": "78"}, {"discord_user_id": "1003"}])
def test_stats_keep_their_member(paid: Database, api: httpx.Client, change: Json) -> None:
    answer = api.patch("/discord_user_stats?server_id=eq.77", json=change)
    assert (answer.json()["code"], answer.json()["message"]) == ("23001", "a row of discord_user_stats keeps its key")
    paid.assert_books_agree()


def test_drops_are_written_as_before(paid: Database, api: httpx.Client) -> None:
    drop = {"drop_id": "11111111-1111-4111-8111-111111111111", "server_id": "77", "event_id": "quest"}
    for title in ("One", "Two"):
        assert api.post("/discord_drops", json=drop | {"title": title}, headers=MERGE).is_success
    assert paid.drop(drop["drop_id"])["title"] == "Two"
    assert api.patch(f"/discord_drops?drop_id=eq.{drop['drop_id']}", json={"max_claims": 5}).is_success
    assert api.delete(f"/discord_drops?drop_id=eq.{drop['drop_id']}").is_success


@pytest.mark.parametrize(
    "change", [{"server_id": "78"}, {"drop_id": "22222222-2222-4222-8222-222222222222"}, {"brand_id": "other"}]
)
def test_drops_keep_their_server(paid: Database, api: httpx.Client, change: Json) -> None:
    drop = paid.add_drop()
    answer = api.patch(f"/discord_drops?drop_id=eq.{drop}", json=change)
    assert (answer.json()["code"], answer.json()["message"]) == ("23001", "a row of discord_drops keeps its key")


def test_settings_events_streaks_and_members_are_written_as_before(paid: Database, api: httpx.Client) -> None:
    writes: list[tuple[str, Json]] = [
        ("/discord_server_configs", {"server_id": "78", "brand_id": "brand"}),
        ("/monitoring_rules", {"brand_id": "brand", "event_type": "raid", "reward_amount": 5}),
        ("/discord_user_streaks", MEMBER | {"current_streak": 3}),
        ("/disabled_members", MEMBER | {"disabled_by": "9001"}),
    ]
    for path, row in writes:
        assert api.post(path, json=row).is_success, path
        column, value = next(iter(row.items()))
        assert api.patch(f"{path}?{column}=eq.{value}", json=row).is_success, path
        assert api.delete(f"{path}?{column}=eq.{value}").is_success, path
    actions = paid.rows("select distinct action from discord_audit_log where actor_id = 'service_role'")
    assert {row["action"] for row in actions} >= {"event.created", "event.deleted", "server.created", "server.deleted"}


def test_a_full_drop_stays_full(paid: Database, api: httpx.Client) -> None:
    drop = paid.value("select drop_id::text from discord_drops")
    assert not api.patch(f"/discord_drops?drop_id=eq.{drop}", json={"claims_count": 0}).is_success
    caller = {"server_id": "77", "user_id": "1003", "interaction_id": "9", "role_ids": []}
    answer = api.post("/rpc/claim_drop", json={"p_caller": caller, "p_drop_id": drop}).json()
    assert answer["outcome"] == "drop_full"
    paid.assert_books_agree()


def test_an_admin_gives_and_takes_back_over_the_api(paid: Database) -> None:
    given = paid.call("give_reward", ADMIN, member_id="1003", event_type="quest", role_ids=(), now=NOON)
    assert given["outcome"] == "reward_given"
    entry = paid.value("select max(id) from reward_ledger")
    assert paid.call("revoke_reward", ADMIN.again(), member_id="1003", entry=entry, now=NOON)["balance"] == 0
    paid.assert_books_agree()

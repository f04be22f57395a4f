"""/setup status: the connection, who last changed an event on either side, and what does not pay and why."""

import json
from typing import Any
from uuid import uuid4

import pytest
from psycopg.types.json import Jsonb

from infra.fake_discord.client import Client
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ADMIN, BOB
from shared.features.setup.status import status_page
from shared.format import PAGE_LIMIT
from tests.conftest import BRAND
from tests.sql import Database

SUBJECT = "00000000-0000-4000-8000-000000000007"
UNTOUCHED = ["By the portal or another program: none so far."]


def lines(client: Client) -> list[str]:
    """The lines of an admin's /setup status."""
    reply = client.slash("setup status", user=ADMIN)
    assert reply.ephemeral
    return str(reply.embeds[0]["description"]).split("\n")


def problems(client: Client) -> list[str]:
    """What does not pay."""
    said = lines(client)
    return said[said.index("**Events that do not pay as they stand**") + 1 :]


def as_portal(db: Database, query: str, *values: Any) -> None:
    """Write as a person of the portal does."""
    claims = {"role": "authenticated", "sub": SUBJECT, "app_metadata": {"brand_ids": [BRAND]}}
    with db.connection.transaction():
        db.run("set local role authenticated")
        db.run("select set_config('request.jwt.claims', %s, true)", json.dumps(claims))
        db.run(query, *values)


def test_status_tells_how_things_are(server: Client, local_discord: FakeDiscord, rpc_calls: list[str]) -> None:
    server.slash("drop create", event="news_tracker", user=ADMIN)
    (message,) = local_discord.messages(server.channel_id)
    server.click(message, "Claim", user=BOB)
    rpc_calls.clear()
    said = lines(server)
    assert rpc_calls == ["get_server"]
    assert said[:2] == [
        f"Connected to the brand `{BRAND}`.",
        "4 events, 1 open drop, **5 RSNC** earned by 1 member.",
    ]
    assert said[-1] == "Every event can pay."


def test_the_button_lists_the_events_of_which_it_speaks(server: Client, rpc_calls: list[str]) -> None:
    status = server.slash("setup status", user=ADMIN)
    rpc_calls.clear()
    listed = status.click("Show the events")
    assert rpc_calls == ["list_events"]
    assert listed.ephemeral
    assert listed.text == server.slash("config events list", user=ADMIN).text
    assert "This needs the level" in status.click("Show the events", user=BOB).text


def test_status_of_a_server_that_is_not_connected(discord: Client) -> None:
    assert "/setup connect" in discord.slash("setup status", user=ADMIN).text


def test_status_names_the_last_change_from_either_side(server: Client, db: Database) -> None:
    assert [line for line in lines(server) if line.startswith("By the portal")] == UNTOUCHED
    server.slash("config events edit", name="news_tracker", reward=6, user=ADMIN)
    as_portal(
        db,
        "insert into monitoring_rules (brand_id, event_type, reward_amount) values (%s, 'quest', 40)",
        BRAND,
    )
    as_portal(db, "update monitoring_rules set reward_amount = 7 where event_type = 'regular_engagement'")
    as_portal(db, "update monitoring_rules set reward_amount = 41 where event_type = 'quest'")
    by_command, by_portal = (line for line in lines(server) if line.startswith("By "))
    assert by_command.startswith("By a command: <t:")
    assert by_command.endswith(f"<@{ADMIN.id}> changed the event `news_tracker`: reward 5 → 6.")
    assert by_portal.startswith("By the portal or another program: <t:")
    assert by_portal.endswith(f"the portal (`{SUBJECT}`) changed the brand-wide event `quest`: reward 40 → 41.")


def test_status_says_of_each_event_why_it_does_not_pay(server: Client, db: Database) -> None:
    events: dict[str, dict[str, Any]] = {
        "a_no_amount": {"reward_amount": None},
        "b_zero": {"reward_amount": 0},
        "c_off": {"is_enabled": False},
        "d_limit": {"max_total_claims": 0},
        "e_unknown": {"detection_config": Jsonb({"trigger": "telepathy"})},
        "news_tracker": {"server_id": None},
        "z_fine": {"detection_config": Jsonb(None)},
    }
    with db.without_triggers():  # rows from before migration 021
        for event, columns in events.items():
            rule = {"id": uuid4(), "brand_id": BRAND, "server_id": server.guild_id, "is_enabled": True} | columns
            db.add_event(event, 10, **rule)
    assert problems(server) == [
        "- `a_no_amount`: It has no amount, which counts as 0 RSNC where a drop does not say its own.",
        "- `b_zero`: Its amount is 0 RSNC, where a drop does not say its own.",
        "- `c_off`: It is off. `/config events toggle` switches it on.",
        "- `d_limit`: One of its limits is 0, so nobody can earn it.",
        "- `e_unknown`: No activity pays it, because its `detection_config` has no trigger that I know; commands and "
        "drops do.",
        "- brand-wide `news_tracker`: This server's own event of that name holds here; what the brand changes of it "
        "does not.",
    ]


def test_status_says_which_events_activity_pays(server: Client, db: Database) -> None:
    db.add_event(
        "gm",
        brand_id=BRAND,
        server_id=server.guild_id,
        detection_config=Jsonb({"trigger": "keyword", "keywords": ["gm"]}),
    )
    db.add_event("off", brand_id=BRAND, server_id=None, is_enabled=False, detection_config=Jsonb({"trigger": "join"}))
    said = lines(server)
    start = said.index("**Paid for activity**")
    assert said[start + 1 : start + 4] == [
        "- `gm`: for messages containing `gm`",
        "- `regular_engagement`: for messages of 100 characters and 20 words",
        "",
    ]
    db.run("update monitoring_rules set detection_config = null")
    assert "**Paid for activity**" not in lines(server)


def test_an_event_that_waits_for_activity_is_paid_by_a_drop(
    server: Client, db: Database, local_discord: FakeDiscord
) -> None:
    with db.without_triggers():
        db.run("update monitoring_rules set detection_config = %s", Jsonb({"trigger": "nothing known"}))
    assert len(problems(server)) == 4
    server.slash("drop create", event="news_tracker", user=ADMIN)
    (message,) = local_discord.messages(server.channel_id)
    assert "5 RSNC" in server.click(message, "Claim", user=BOB).text


@pytest.mark.parametrize("letter", ["`", "*", "ä", "\n"])
def test_status_fits_a_page_whatever_the_names_are(letter: str) -> None:
    detection = {"trigger": "keyword", "keywords": [letter * 100] * 50, "channels": ["9" * 20] * 50}
    events = [
        {"event": letter * 500, "brand_wide": True, "problem": problem, "enabled": True, "detection": detection}
        for problem in ("superseded", "off", "amount_missing", "detection_unknown") * 30
    ]
    change = {
        "at": "infinity",
        "actor_type": "system",
        "actor_id": letter * 500,
        "action": "event.updated",
        "member_id": None,
        "brand_wide": True,
        "is_test": True,
        "is_readable": True,
        "details": None,
        "before": {"event_type": letter * 500, "label": letter * 500, "reward_amount": 1},
        "after": {"event_type": letter * 500, "label": "other" * 500, "reward_amount": 2},
    }
    facts = {"brand_id": letter * 500, "server_name": letter * 500, "is_brand_active": False, "events": events}
    facts |= {"open_drops": 10**9, "distributed": 10**12, "members": 10**9, "event_problems": events}
    facts |= {"changed_by_command": change, "changed_otherwise": change}
    page = status_page(facts)
    assert len(page) <= PAGE_LIMIT
    assert page.splitlines()[-1].startswith("… and ")

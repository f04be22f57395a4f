"""The triggers of events: what may be written, by whoever writes; and what a keyword matches."""

from typing import Any

import pytest
from psycopg import errors
from psycopg.types.json import Jsonb

from infra.deploy import database
from tests.infra.conftest import MIGRATIONS, MakeDatabase, Rest
from tests.infra.supabase.batches import add_trigger, message, paid, record, said
from tests.infra.supabase.portal import person
from tests.sql import ADMIN, KEY_HASH, Database, Row

BEFORE, EVENTS = (
    [path for path in MIGRATIONS if path.name < "021"],
    next(path for path in MIGRATIONS if path.name.startswith("021")),
)

VALID: list[Any] = [
    None,
    {},
    {"of": "another program"},
    {"trigger": "message"},
    {"trigger": "message", "min_characters": 1, "min_words": 2000, "channels": ["5"]},
    {"trigger": "keyword", "keywords": ["gm"]},
    {"trigger": "keyword", "keywords": ["x" * 100] * 50, "match": "starts", "min_words": 3, "channels": ["5"] * 50},
    *({"trigger": "reactions", "min_reactions": number} for number in (3, 5, 7, 10, 15, 20, 25)),
    {"trigger": "voice", "minutes": 1440},
    {"trigger": "join"},
    {"trigger": "boost"},
]
WRONG: list[tuple[Any, str]] = [
    ([], "detection_config"),
    ("message", "detection_config"),
    (5, "detection_config"),
    *(({"trigger": wrong}, "trigger") for wrong in (None, "", "Message", "telepathy", ["message"], {"message": 1})),
    *(({"trigger": "message", "min_characters": wrong}, "min_characters") for wrong in (0, 4001, 1.5, "9", [9], None)),
    *(({"trigger": "message", "min_words": wrong}, "min_words") for wrong in (0, 2001, "9")),
    ({"trigger": "message", "keywords": ["gm"]}, "keywords"),
    ({"trigger": "message", "match": "whole"}, "match"),
    ({"trigger": "message", "min_word": 5}, "min_word"),
    ({"trigger": "keyword"}, "keywords"),
    *(
        ({"trigger": "keyword", "keywords": wrong}, "keywords")
        for wrong in ([], "gm", [5], [""], ["  "], ["gm", None], ["x" * 101], ["x"] * 51, [["gm"]])
    ),
    *(({"trigger": "keyword", "keywords": ["gm"], "match": wrong}, "match") for wrong in ("regex", None, ["whole"])),
    ({"trigger": "reactions"}, "min_reactions"),
    *(({"trigger": "reactions", "min_reactions": wrong}, "min_reactions") for wrong in (0, 1, 4, 26, "3", [3])),
    ({"trigger": "voice"}, "minutes"),
    *(({"trigger": "voice", "minutes": wrong}, "minutes") for wrong in (0, 1441, 0.5, "5")),
    *(({"trigger": "message", "channels": wrong}, "channels") for wrong in ([], "5", [5], ["x"], ["5"] * 51, [["5"]])),
    ({"trigger": "join", "channels": ["5"]}, "channels"),
    ({"trigger": "boost", "minutes": 5}, "minutes"),
]


@pytest.mark.parametrize("config", VALID, ids=str)
def test_what_may_be_is_written(seeded: Database, config: Any) -> None:
    seeded.add_event("raid", 5, detection_config=Jsonb(config))
    seeded.run("update monitoring_rules set detection_config = %s where event_type = 'quest'", Jsonb(config))
    assert seeded.rows("select distinct detection_config from monitoring_rules") == [{"detection_config": config}]


@pytest.mark.parametrize(("config", "field"), WRONG, ids=str)
def test_what_may_not_be_is_refused_by_name(seeded: Database, config: Any, field: str) -> None:
    before = seeded.contents()
    for write in (
        lambda: seeded.add_event("raid", 5, detection_config=Jsonb(config)),
        lambda: seeded.run("update monitoring_rules set detection_config = %s", Jsonb(config)),
    ):
        with pytest.raises(errors.CheckViolation) as caught:
            write()
        assert caught.value.diag.constraint_name == "rules_detect_what_can_be"
        assert f"{field} must " in str(caught.value.diag.message_primary)
    assert seeded.contents() == before


def test_a_person_of_the_portal_is_told(seeded: Database, rest: Rest) -> None:
    portal = rest(**person("brand"))
    rule: Row = {"brand_id": "brand", "event_type": "art", "reward_amount": 5}
    answer = portal.post("/monitoring_rules", json=rule | {"detection_config": {"trigger": "voice"}})
    assert (answer.status_code, answer.json()["message"]) == (
        400,
        "detection_config: minutes must be a whole number from 1 to 1440",
    )
    right = {"detection_config": {"trigger": "voice", "minutes": 5}}
    assert portal.post("/monitoring_rules", json=rule | right).is_success


def test_what_stands_from_before_may_stay_and_be_changed_in_everything_else(seeded: Database) -> None:
    old = {"trigger": "telepathy"}
    with seeded.without_triggers():
        seeded.run("update monitoring_rules set detection_config = %s", Jsonb(old))
    seeded.run("update monitoring_rules set reward_amount = 7, detection_config = %s", Jsonb(old))
    assert seeded.value("select detection_config from monitoring_rules") == old
    with pytest.raises(errors.CheckViolation):
        seeded.run("update monitoring_rules set detection_config = %s", Jsonb(old | {"more": 1}))


def test_the_migration_brings_what_was_created_by_the_bot_to_life_and_nothing_else(make_database: MakeDatabase) -> None:
    made = make_database(BEFORE)
    database.reload_functions(made.url)
    for server in map(str, range(77, 84)):
        made.connect_server(server)
        columns: Row = {"server_id": server, "label": "Regular engagement", "cooldown_hours": 1}
        made.add_event("regular_engagement", 10, **columns)
    changes = {
        "78": "reward_amount = 11",
        "79": "label = 'Chat'",
        "80": "is_enabled = false",
        "81": 'detection_config = \'{"trigger": "telepathy"}\'',
        "82": "max_claims_per_user = 5",
    }
    for server, change in changes.items():
        made.run(f"update monitoring_rules set {change} where server_id = %s", server)
    made.add_event("regular_engagement", 10, server_id=None, label="Regular engagement", cooldown_hours=1)
    made.run_file(EVENTS)
    rows = made.rows("select server_id from monitoring_rules where detection_config ->> 'min_words' = '20' order by 1")
    assert [row["server_id"] for row in rows] == ["77", "83"]
    database.reload_functions(made.url)
    made.add_brand()
    made.run("delete from monitoring_rules where server_id is null or server_id = '77'")
    made.call("connect_server", ADMIN, brand_id="brand", key_hash=KEY_HASH)
    created = made.rows(
        "select label, reward_amount, cooldown_hours, max_claims_per_user, max_total_claims, claimable, is_enabled,"
        " detection_config from monitoring_rules where event_type = 'regular_engagement' and server_id in ('77', '83')"
    )
    assert created[0] == created[1]


# Keywords --------------------------------------------------------------------------------------------------------

MATCHES: list[tuple[str, str, str, bool]] = [
    ("contains", "moon", "to the MOON!", True),
    ("contains", "moon", "moonlight", True),
    ("contains", "moon", "mo on", False),
    ("contains", "good morning", "Good\nmorning all", True),
    ("contains", ".*", "anything", False),
    ("contains", ".*", "a .* b", True),
    ("contains", "%", "100", False),
    ("contains", "_", "a b", False),
    ("contains", "\\", "back\\slash", True),
    ("contains", "(", "an open ( one", True),
    ("contains", "straße", "STRASSE", True),
    ("contains", "ΟΔΟΣ", "οδος", True),
    ("contains", "привет", "ПРИВЕТ всем", True),
    ("contains", "早安", "大家早安呀", True),
    ("contains", "\uff47\uff4d", "gm", True),
    ("contains", "cafe\u0301", "Un CAFÉ", True),
    ("contains", "🎉", "well done🎉", True),
    ("contains", "cafe\u0301", "é" * 250 + "CAFÉ", True),
    ("contains", "早安", "日本語" * 200 + "早安呀", True),
    ("contains", "istanbul", "İSTANBUL", True),
    ("contains", "istanbul", "I\u0307STANBUL", True),
    ("contains", "\u01f0", "J\u030c", True),
    ("contains", "good morning", "GOOD\u00a0MORNING", True),
    ("contains", "مرحبا", "يا مرحبا بك", True),
    ("starts", "gm", "GM everybody", True),
    ("starts", "gm", "  gm", True),
    ("starts", "gm", "oh gm", False),
    ("starts", "gm", "gmx", True),
    ("whole", "gm", "gm", True),
    ("whole", "gm", "say gm!", True),
    ("whole", "gm", "(gm)", True),
    ("whole", "gm", "gmx", False),
    ("whole", "gm", "xgm", False),
    ("whole", "gm", "gm2", False),
    ("whole", "gm", "xgm gmx gm", True),
    ("whole", "gm", "gmgm", False),
    ("whole", "aa", "aaa aa", True),
    ("whole", "a a", "xa a a", True),
    ("whole", "a a", "xa ax a", False),
    ("whole", "good morning", "so: Good Morning, friends", True),
    ("whole", "good morning", "good mornings", False),
    ("whole", "c++", "I like C++.", True),
    ("whole", "c++", "objc++", False),
    ("whole", "привет", "привет!", True),
    ("whole", "привет", "приветик", False),
    ("whole", "hôtel", "l'hôtel", True),
    ("whole", "tel", "hôtel", False),
    ("whole", "नमस्ते", "नमस्ते दोस्तों", True),
    ("whole", "早安", "早安\uff01", True),
    ("whole", "早安", "大家早安", False),
    ("whole", "🎉", "yay🎉🎉", True),
    ("whole", "$btc", "buy $BTC now", True),
    ("whole", "x", "x\u0304", False),
    ("whole", "हिन्द", "हिन्दी", False),
    ("whole", "gm", "gm\u00a0all", True),
]


@pytest.mark.parametrize(("match", "keyword", "text", "matches"), MATCHES)
def test_a_keyword(seeded: Database, match: str, keyword: str, text: str, matches: bool) -> None:
    add_trigger(seeded, "spoken", 1, trigger="keyword", keywords=["nothing like that", keyword], match=match)
    assert paid(*record(seeded, said(text))) == ([("spoken", 1)] if matches else [])


def test_a_keyword_matches_wherever_it_stands_where_nobody_says_how(seeded: Database) -> None:
    add_trigger(seeded, "spoken", 1, trigger="keyword", keywords=["oo"], min_words=2)
    assert [bool(paid(each)) for each in record(seeded, said("the moon"), said("moon"))] == [True, False]


@pytest.mark.parametrize("blank", ["\u00a0", "\u2007", "\u202f"])
@pytest.mark.parametrize("match", ["contains", "starts", "whole"])
def test_a_keyword_of_which_nothing_is_left_is_in_no_message(seeded: Database, blank: str, match: str) -> None:
    add_trigger(seeded, "blank", 1, trigger="keyword", keywords=[blank], match=match)
    add_trigger(seeded, "spoken", 2, trigger="keyword", keywords=[blank, "moon"], match="contains")
    told = record(seeded, said("something else"), said("the moon"))
    assert [paid(each) for each in told] == [[], [("spoken", 2)]]


def test_a_message_without_its_text_has_no_keyword(seeded: Database) -> None:
    add_trigger(seeded, "spoken", 1, trigger="keyword", keywords=["a"])
    assert record(seeded, message(characters=1, words=1)) == [{"result": "counted"}]


def test_a_long_text_and_many_keywords(seeded: Database) -> None:
    keywords = [f"{'a' * 90}{number}" for number in range(50)]
    add_trigger(seeded, "spoken", 1, trigger="keyword", keywords=keywords, match="whole")
    told = record(seeded, *(said("a" * 3900 + "0" * n) for n in range(50)))
    assert {each["result"] for each in told} == {"counted"}


@pytest.mark.parametrize(
    ("keyword", "text"),
    [
        ("g", "g" * 4000),
        ("a b", "a bx " * 800),
        ("é", "é" * 4000),
        ("gm", "a" + "\u0301" * 2000 + "\u0316" * 1999),  # marks that have to be sorted
    ],
)
def test_no_text_makes_a_batch_slow(seeded: Database, keyword: str, text: str) -> None:
    """What somebody writes must not hold up the others."""
    add_trigger(seeded, "spoken", 1, trigger="keyword", keywords=[keyword], match="whole")
    with seeded.connection.transaction():
        seeded.run("set local statement_timeout = '2s'")
        assert {each["result"] for each in record(seeded, *(said(text) for _ in range(80)))} == {"counted"}

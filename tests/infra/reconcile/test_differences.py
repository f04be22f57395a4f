"""infra.reconcile.differences: the comparison is of one server, if asked for, and of one moment."""

from typing import Any

import pytest

from infra.reconcile import differences
from infra.reconcile.repair import repair
from tests.infra.reconcile.conftest import BROKEN, break_, count_differences
from tests.sql import Caller, Database


def test_a_server_alone(paid: Database) -> None:
    break_(paid, BROKEN["a total"][1])
    assert count_differences(paid) == {"stats": 2}
    assert count_differences(paid, "78") == {"stats": 1}
    repair(paid.url, "78")
    assert (count_differences(paid, "78"), count_differences(paid)) == ({}, {"stats": 1})


def test_a_proof_is_of_one_moment(seeded: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    drop = seeded.add_drop()
    compare = differences._compare
    paid: list[int] = []

    def pay_meanwhile(*arguments: Any) -> Any:
        paid.append(len(paid))
        seeded.call("claim_drop", Caller(user_id=f"30{len(paid)}", interaction_id=f"3{len(paid)}"), drop_id=drop)
        return compare(*arguments)

    monkeypatch.setattr(differences, "_compare", pay_meanwhile)
    assert count_differences(seeded) == {}
    assert len(paid) == len(differences.KINDS)

"""How an amount came about is told where a bonus played a part."""

from shared.features.earning import breakdown

PAID = {"base": 10, "streak": 0, "streak_multiplier": 1.0, "role_multiplier": 1.0, "flat": 0}


def test_how_an_amount_came_about() -> None:
    assert breakdown(PAID) == ""
    assert breakdown(PAID | {"streak": 7, "streak_multiplier": 1.25}) == "(10 RSNC, streak of 7 days ×1.25)"
    assert breakdown(PAID | {"role_multiplier": 2.0}) == "(10 RSNC, role ×2)"
    assert breakdown(PAID | {"flat": 5}) == "(10 RSNC, role +5 RSNC)"
    everything = {"streak": 30, "streak_multiplier": 2.0, "role_multiplier": 1.5, "flat": 0.5}
    assert breakdown(PAID | everything) == "(10 RSNC, streak of 30 days ×2, role ×1.5, role +0.5 RSNC)"

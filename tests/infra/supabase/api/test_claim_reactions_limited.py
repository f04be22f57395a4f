"""claim_reactions where a drop has a limit: the order in which those who reacted are paid."""

from tests.infra.supabase.api.reactors import drawn, refusals
from tests.reactions import add_reaction_drop, claim_page, members, paid_members, read_list
from tests.sql import NOON, Database


def test_the_order_is_drawn_from_the_drops_id_and_low_ids_win_nothing(seeded: Database) -> None:
    everybody = sorted([*members(200), *members(50, first=9_000_000_000)], key=int)
    winners = []
    for place in range(2):
        drop = add_reaction_drop(seeded, max_claims=30, message_id=str(90 + place))
        assert read_list(seeded, drop, everybody) == 30
        assert paid_members(seeded, drop) == drawn(drop, everybody)[:30]
        winners.append(set(paid_members(seeded, drop)))
    assert winners[0] != winners[1]
    assert not any(won == set(everybody[:30]) for won in winners)


def test_who_stood_there_at_an_earlier_look_goes_before(seeded: Database) -> None:
    drop = add_reaction_drop(seeded, max_claims=160)
    early, late = members(120), members(120, first=1_000)  # who comes late has the lower ids
    disable = (
        "insert into disabled_members (server_id, discord_user_id, disabled_by) select '77', unnest(%s::text[]), '1'"
    )
    seeded.run(disable, early[:20])
    assert read_list(seeded, drop, early) == 100
    seeded.run("delete from disabled_members")
    assert read_list(seeded, drop, sorted(early + late, key=int), look=2) == 60
    assert paid_members(seeded, drop) == (drawn(drop, early[20:]) + drawn(drop, early[:20]) + drawn(drop, late)[:40])
    assert seeded.drop(drop)["end_reason"] == "sold_out"


def test_nobody_is_paid_before_the_whole_list_is_read(seeded: Database) -> None:
    drop = add_reaction_drop(seeded, max_claims=10)
    told = claim_page(seeded, drop, members(100), is_last=False)
    assert (told["paid"], told["waits"]) == (0, False)
    told = claim_page(seeded, drop, members(20, first=30_000))
    assert (told["paid"], told["waits"], told["is_finished"]) == (0, True, False)
    told = claim_page(seeded, drop, [])
    assert (told["paid"], told["waits"], told["is_finished"]) == (10, False, True)
    assert len(refusals(seeded)) == 110


def test_who_has_gone_by_the_next_look_does_not_wait_any_more(seeded: Database) -> None:
    seeded.run("update monitoring_rules set is_enabled = false")
    drop = add_reaction_drop(seeded, max_claims=10)
    assert read_list(seeded, drop, members(5)) == 0
    seeded.run("update monitoring_rules set is_enabled = true")
    assert read_list(seeded, drop, ["20004"], look=2) == 1
    assert paid_members(seeded, drop) == ["20004"]


def test_the_last_claim_closes_the_drop_and_its_message_shows_it(seeded: Database) -> None:
    ours = add_reaction_drop(seeded, max_claims=3, is_own_message=True, rendered_revision=1)
    theirs = add_reaction_drop(seeded, max_claims=3, message_id="98")
    for drop in (ours, theirs):
        read_list(seeded, drop, members(5))
        row = seeded.drop(drop)
        assert (row["claims_count"], row["end_reason"], row["ended_at"]) == (3, "sold_out", NOON)
    assert [seeded.drop(drop)["is_settled"] for drop in (ours, theirs)] == [False, True]
    assert [drop["drop_id"] for drop in seeded.leased_drops()] == [ours]


def test_a_limit_that_is_lowered_in_between_holds(seeded: Database) -> None:
    drop = add_reaction_drop(seeded, max_claims=200)
    claim_page(seeded, drop, members(100), is_last=False)
    seeded.run("update discord_drops set max_claims = 30")
    claim_page(seeded, drop, members(100, first=30_000))
    assert read_list(seeded, drop, []) == 30
    assert seeded.drop(drop)["end_reason"] == "sold_out"


def test_a_limit_that_is_lifted_in_between_leaves_nobody_out(seeded: Database) -> None:
    drop = add_reaction_drop(seeded, max_claims=30)
    claim_page(seeded, drop, members(100), is_last=False)
    seeded.run("update discord_drops set max_claims = null")
    told = claim_page(seeded, drop, members(100, first=30_000))
    assert (told["paid"], told["waits"]) == (100, True)
    assert read_list(seeded, drop, []) == 100
    seeded.assert_books_agree()


def test_a_drop_for_nobody_pays_nobody(seeded: Database) -> None:
    drop = add_reaction_drop(seeded, max_claims=0)
    assert read_list(seeded, drop, members(5)) == 0
    assert seeded.drop(drop)["end_reason"] == "sold_out"

"""The figures of a server that must agree."""

from infra.local.stack import Stack
from infra.playground.server.books import books as read_books
from tests.infra.playground.server.database import owner
from tests.infra.playground.server.visit import Visit
from tests.sql import Database


def test_the_books_agree_until_somebody_tampers_with_them(visit: Visit, stack: Stack) -> None:
    visit.click(visit.drop())
    with owner(stack) as connection:
        Database(connection, "").count_noted_claims()
    books = visit.look("/api/books", server=visit.server)
    assert books["agree"] is True
    assert books["ledger"] == books["stats"] > 0
    assert books["claims"] == books["drop_rows"] == books["counters"] > 0
    with owner(stack) as connection:
        assert Database(connection, "").books(visit.server)["ledger"] == books["ledger"]
        for tampering in (
            "update discord_drops set claims_count = claims_count + 1 where max_claims is null",
            "update discord_user_stats set rsnc_total = rsnc_total + 1",
            "update discord_user_stats set rsnc_earned = rsnc_earned + 1",
            "update event_total_shards set claims = claims + 1",
        ):
            with connection.transaction(force_rollback=True):
                connection.execute(tampering)
                assert read_books(connection, visit.server)["agree"] is False, tampering
        assert read_books(connection, visit.server)["agree"] is True

"""Ids."""

from infra.fake_discord.resources.snowflakes import EPOCH, snowflake


def test_snowflakes_carry_their_time_and_differ() -> None:
    ids = [snowflake(1_800_000_000.123) for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert {(int(value) >> 22) + EPOCH for value in ids} == {1_800_000_000_123}

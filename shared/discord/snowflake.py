"""Discord's ids, which tell when they were made.

https://discord.com/developers/docs/reference#snowflakes
"""

EPOCH_MS = 1_420_070_400_000  # the first of 2015, from which ids count


def made_at(snowflake: str) -> float:
    """When an id was made, in seconds since 1970. Raises ValueError for what is no number."""
    return ((int(snowflake) >> 22) + EPOCH_MS) / 1000

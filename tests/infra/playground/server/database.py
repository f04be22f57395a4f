"""The database behind the playground."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg.rows import dict_row

from infra.fake_discord.contract import Json
from infra.local.stack import Stack


@contextmanager
def owner(stack: Stack) -> Iterator[psycopg.Connection[Json]]:
    """The owner's connection."""
    with psycopg.connect(database_url(stack), autocommit=True, row_factory=dict_row) as connection:
        yield connection


def database_url(stack: Stack) -> str:
    """Where it is."""
    assert stack.description.database_url
    return stack.description.database_url

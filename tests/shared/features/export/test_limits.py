"""An exported file that cannot have everything has the newest."""

from dataclasses import replace
from typing import Any

import pytest

from infra.fake_discord.client import Client
from infra.fake_discord.members import ADMIN
from infra.local.delivery import lambda_sender
from infra.local.runtime import Context
from shared.features import export
from shared.interactions import interaction
from tests.shared.features.export.files import table
from tests.sql import Database


def test_a_file_stays_below_the_limit_and_has_the_newest(rich: Client, db: Database) -> None:
    db.run(
        "insert into reward_ledger (server_id, brand_id, discord_user_id, event_type, amount, source, actor_id, reason,"
        " balance_after) select %s, 'b', '7', 'quest', n, 'claim', '7', 'é' || n, 0 from generate_series(1, 300) as n",
        rich.guild_id,
    )
    limit = 20_000
    reply = replace(rich, attachment_size_limit=limit).slash("export", type="rewards", user=ADMIN)
    (content,) = reply.files.values()
    rows = table(reply)
    assert limit - 4096 - 200 < len(content) <= limit - 4096
    assert [row["amount"] for row in rows] == [str(300 - place) for place in range(len(rows))]
    assert f": {len(rows)} rows. Discord takes files of up to 0.02 MB here. Older rows are left out." in reply.text


def test_a_limit_that_cannot_be_true_is_not_believed(rich: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert export.LARGEST_REQUEST == 26_214_400  # Discord's 25 MiB
    monkeypatch.setattr(export, "LARGEST_REQUEST", 4096 + 300)
    reply = replace(rich, attachment_size_limit=500 * 2**20).slash("export", type="rewards", user=ADMIN)
    assert 0 < len(table(reply)) < 5
    assert "Older rows are left out" in reply.text


def hurried(client: Client, functions: Any, seconds: float) -> Client:
    """The same members, with a function that is stopped so soon."""
    return replace(
        client, send=lambda_sender(functions.interactions.handler, lambda: Context("interactions", "test", seconds))
    )


def test_where_time_runs_out_the_file_has_the_newest(rich: Client, functions: Any, in_parts: Any) -> None:
    seconds = interaction.SENDING_SECONDS + export.PART_SECONDS
    reply = hurried(rich, functions, seconds).slash("export", type="rewards", user=ADMIN)
    assert [row["reason"] for row in table(reply)] == ["no. 4", "no. 3"]
    assert "2 rows. There was no time for more. Older rows are left out." in reply.text
    reply = hurried(rich, functions, seconds).slash("export", type="members", user=ADMIN)
    assert [row["discord_user_id"][-1] for row in table(reply)] == ["0", "1"]
    assert "The members after the last one in it are left out." in reply.text

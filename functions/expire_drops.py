"""Every minute: close the drops that are due, then bring the messages that are behind up to date.

The database has decided about the money before any message is touched. A run that dies leaves messages late, and the
next run takes them up.
"""

from collections import Counter, defaultdict
from typing import Any

from shared import database, discord, snapstart
from shared.commands import drop as drops
from shared.log import logger

CALL_SECONDS = 10
RENDER_BATCH = 50
REQUEST_SECONDS = 6  # longer than Discord's usual limit of 5 edits in 5 s per channel asks us to wait
RESERVE_MS = 8_000  # for the request that is under way, and to write down what was rendered

database.client()
discord.client()
snapstart.register(renew=[database.renew, discord.renew])


class RenderError(Exception):
    """Some messages could not be brought up to date; they are tried again."""


def handler(event: dict[str, Any], context: Any) -> dict[str, int]:  # noqa: ARG001
    """Work until nothing is due or the time is nearly up. Raises DatabaseError or RenderError for the alarm."""
    counts: Counter[str] = Counter(expired=0, rendered=0, gone=0, failed=0)
    try:
        while context.get_remaining_time_in_millis() > RESERVE_MS:
            due = database.rpc("expire_drops", timeout=CALL_SECONDS, render=RENDER_BATCH)
            counts["expired"] += due["expired"]
            counts.update(_render(due["drops"], context))
            # A batch that is not full was the last: what is stale again by now (a busy drop) can wait a minute.
            if not due["expired"] and len(due["drops"]) < RENDER_BATCH:
                break
    finally:
        logger.info("drops expired", extra=dict(counts))
    if counts["failed"]:
        raise RenderError(f"{counts['failed']} messages are behind; they are tried again")
    return dict(counts)


def _render(stale: list[drops.Drop], context: Any) -> dict[str, int]:
    """Bring the messages of drops up to date and write down which ones are."""
    results: dict[str, list[drops.Drop]] = defaultdict(list)
    for drop in stale:
        if context.get_remaining_time_in_millis() < RESERVE_MS:
            break  # the lease on the rest runs out by itself
        results[_show(drop)].append(drop)
    if not results:
        return {}
    counts: dict[str, int] = database.rpc("mark_drops_rendered", timeout=CALL_SECONDS, **results)
    return counts


def _show(drop: drops.Drop) -> str:
    """Post or edit one message: "rendered", "gone" or "failed"."""
    try:
        if drop["message_id"] is None:
            drop["message_id"] = drops.post(drop, timeout=REQUEST_SECONDS)
        else:
            discord.edit_message(drop["channel_id"], drop["message_id"], drops.render(drop), timeout=REQUEST_SECONDS)
    except discord.DiscordError as error:
        if error.is_gone:
            return "gone"
        logger.warning("message not rendered", extra={"drop_id": drop["drop_id"], "problem": str(error)})
        return "failed"
    except Exception:  # one drop that cannot be shown must not keep the others from being shown
        logger.exception("message not rendered", extra={"drop_id": drop["drop_id"]})
        return "failed"
    return "rendered"

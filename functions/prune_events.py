"""Every day: forget what was remembered of the items of events that are older than a week, batch by batch."""

from typing import Any

from shared import database
from shared.log import logger

CALL_SECONDS = 10
RESERVE_MS = 2_000

database.client()


def handler(event: dict[str, Any], context: Any) -> dict[str, int]:  # noqa: ARG001
    """Prune until nothing is left or the time is nearly up. Raises DatabaseError, so that the alarm sees it."""
    counts = {"emptied": 0, "deleted": 0}
    try:
        while context.get_remaining_time_in_millis() > RESERVE_MS:
            batch = database.rpc("prune_events", timeout=CALL_SECONDS)
            counts = {name: count + batch[name] for name, count in counts.items()}
            if batch["deleted"] == 0:
                break
    finally:
        logger.info("events pruned", extra=counts)
    return counts

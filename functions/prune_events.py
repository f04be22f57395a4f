"""Every day: forget what was remembered of the items of events that are older than a week, batch by batch."""

from collections import Counter
from typing import Any

from shared import database
from shared.log import logger
from shared.scheduled import Run

database.client()


def handler(event: dict[str, Any], context: Any) -> dict[str, int]:  # noqa: ARG001
    """Prune until nothing is left or the time is nearly up. Raises DatabaseError, so that the alarm sees it."""
    counts = Counter(emptied=0, deleted=0)
    try:
        for batch in Run(context).batches("prune_events", until_none="deleted"):
            counts.update(batch)
    finally:
        logger.info("events pruned", extra=counts)
    return dict(counts)

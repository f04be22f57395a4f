"""Every day: forget the ids of items that are older than seven days, and make room for those of the days to come."""

from typing import Any

from shared import database
from shared.log import logger

CALL_SECONDS = 30

database.client()


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ARG001
    """Prune with one call, which drops whole partitions. Raises DatabaseError, so that the alarm sees it."""
    pruned: dict[str, Any] = database.rpc("prune_events", timeout=CALL_SECONDS)
    logger.info("events pruned", extra=pruned)
    return pruned

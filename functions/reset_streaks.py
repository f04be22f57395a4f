"""Every hour: write lapsed streaks down, batch by batch. Nothing needs it to be on time."""

from typing import Any

from shared import database
from shared.log import logger

CALL_SECONDS = 10
RESERVE_MS = 2_000

database.client()


def handler(event: dict[str, Any], context: Any) -> dict[str, int]:  # noqa: ARG001
    """Reset until nothing is left or the time is nearly up. Raises DatabaseError, so that the alarm sees it."""
    reset = 0
    try:
        while context.get_remaining_time_in_millis() > RESERVE_MS:
            batch = database.rpc("reset_streaks", timeout=CALL_SECONDS)["reset"]
            reset += batch
            if batch == 0:
                break
    finally:
        logger.info("streaks reset", extra={"reset": reset})
    return {"reset": reset}

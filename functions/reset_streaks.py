"""Every hour: write lapsed streaks down, batch by batch. Nothing needs it to be on time."""

from typing import Any

from shared import database
from shared.log import logger
from shared.scheduled import Run

database.client()


def handler(event: dict[str, Any], context: Any) -> dict[str, int]:  # noqa: ARG001
    """Reset until nothing is left or the time is nearly up. Raises DatabaseError, so that the alarm sees it."""
    reset = 0
    try:
        for batch in Run(context).batches("reset_streaks", until_none="reset"):
            reset += batch["reset"]
    finally:
        logger.info("streaks reset", extra={"reset": reset})
    return {"reset": reset}

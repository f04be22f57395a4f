"""The bundle's logger. The Lambda runtime writes its records, with the fields of `extra`, as JSON lines."""

import logging

logger = logging.getLogger("resonance")
logger.setLevel(logging.INFO)

# httpx logs the address of every request at INFO, and addresses can hold tokens.
logging.getLogger("httpx").setLevel(logging.WARNING)

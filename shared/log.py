"""The bundle's logger. The Lambda runtime writes its records, with the fields of `extra`, as JSON lines."""

import logging

logger = logging.getLogger("resonance")
logger.setLevel(logging.INFO)

# What they say below that level has the addresses of requests, which can hold tokens, or even the answers.
for chatty in ("httpx", "httpcore", "hpack", "boto3", "botocore", "urllib3"):
    logging.getLogger(chatty).setLevel(logging.WARNING)

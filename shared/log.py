"""The bundle's logger. The Lambda runtime writes its records, with the fields of `extra`, as JSON lines."""

import logging

logger = logging.getLogger("resonance")
logger.setLevel(logging.INFO)

# Below WARNING they log the URLs of requests, which can hold tokens, or even responses.
for chatty in ("httpx", "httpcore", "hpack", "boto3", "botocore", "urllib3"):
    logging.getLogger(chatty).setLevel(logging.WARNING)

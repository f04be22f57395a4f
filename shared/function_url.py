"""Lambda's Function URL: what is in its events, and the answers that it takes. Nothing else in shared/ knows them.

https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
"""

import base64
import json
import math
import time
from typing import Any

Event = dict[str, Any]
Response = dict[str, Any]


def headers(event: Event) -> dict[str, str]:
    """The headers by their names in lower case."""
    return {str(name).lower(): str(value) for name, value in (event.get("headers") or {}).items()}


def body(event: Event) -> bytes | None:
    """The bytes that were sent; None where the encoding is broken."""
    sent = event.get("body") or ""
    try:
        return base64.b64decode(sent, validate=True) if event.get("isBase64Encoded") else sent.encode()
    except ValueError:
        return None


def json_response(status: int, content: Any, **more: str) -> Response:
    """An answer in JSON, with more headers where they are named."""
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json", **more},
        "body": json.dumps(content, ensure_ascii=False, separators=(",", ":")),
    }


UNAUTHORIZED = json_response(401, {"error": "invalid request signature"})


def stops_at(context: Any) -> float:
    """When (monotonic) Lambda ends the function; never for a call without a context."""
    return time.monotonic() + context.get_remaining_time_in_millis() / 1000 if context else math.inf

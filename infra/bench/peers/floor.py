"""The least that answers a click: PyNaCl and http.client."""

import json
import os
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from nacl.signing import VerifyKey

from infra.bench.peers.claim import Json, arguments, message

KEY = VerifyKey(bytes.fromhex(os.environ["DISCORD_PUBLIC_KEY"]))
ADDRESS = urlsplit(os.environ["SUPABASE_REST_URL"])
CONNECTION = HTTPConnection(ADDRESS.hostname or "", ADDRESS.port)
HEADERS = {"Authorization": f"Bearer {os.environ['SUPABASE_SECRET_KEY']}", "Content-Type": "application/json"}


def handler(event: Json, _: Any) -> Json:
    headers, body = event["headers"], event["body"]
    signed = f"{headers['x-signature-timestamp']}{body}".encode()
    KEY.verify(signed, bytes.fromhex(headers["x-signature-ed25519"]))
    CONNECTION.request("POST", "/rpc/claim_drop", json.dumps(arguments(json.loads(body))), HEADERS)
    reply = message(json.loads(CONNECTION.getresponse().read()))
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": json.dumps(reply)}

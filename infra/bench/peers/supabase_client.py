"""discord-interactions with Supabase's client, as their own documents show them."""

import json
import os
from typing import Any

from discord_interactions import verify_key
from supabase import create_client

from infra.bench.peers.claim import Json, arguments, message

database: Any = create_client(os.environ["SUPABASE_URL"], os.environ["SUPABASE_SECRET_KEY"])
database.rest_url = os.environ["SUPABASE_REST_URL"]  # a bare PostgREST has no /rest/v1


def handler(event: Json, _: Any) -> Json:
    headers, body = event["headers"], event["body"]
    signature, timestamp = headers["x-signature-ed25519"], headers["x-signature-timestamp"]
    if not verify_key(body.encode(), signature, timestamp, os.environ["DISCORD_PUBLIC_KEY"]):
        return {"statusCode": 401}
    reply = message(database.rpc("claim_drop", arguments(json.loads(body))).execute().data)
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": json.dumps(reply)}

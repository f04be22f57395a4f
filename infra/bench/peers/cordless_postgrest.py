"""cordless, a framework for interactions on AWS Lambda, with the database client of Supabase."""

import os
from typing import Any

from cordless import Cordless
from postgrest import SyncPostgrestClient

from infra.bench.peers.claim import arguments, sentence

bot = Cordless(public_key=os.environ["DISCORD_PUBLIC_KEY"])
key = os.environ["SUPABASE_SECRET_KEY"]
database = SyncPostgrestClient(
    os.environ["SUPABASE_REST_URL"], headers={"apikey": key, "Authorization": f"Bearer {key}"}
)


@bot.button("claim")
async def claim(context: Any) -> None:
    result: Any = database.rpc("claim_drop", arguments(context.interaction)).execute().data
    await context.send(sentence(result), ephemeral=True)


handler = bot.handler()

"""Deferred replies: ask Discord to wait, then send the reply by the interaction's token.

https://discord.com/developers/docs/interactions/receiving-and-responding#followup-messages
"""

import time

from discord_interactions import InteractionResponseFlags, InteractionResponseType
from pydantic import SecretStr

from shared.discord import rest
from shared.discord.error import UNKNOWN_WEBHOOK, DiscordError
from shared.discord.reply import MessagePayload
from shared.settings import DiscordSettings

SETTLING_SECONDS = 10  # Discord may answer 'unknown' for this long after a defer
SETTLING_PAUSE = 0.5  # seconds before the first retry; each later pause is twice as long


def defer(interaction_id: str, token: SecretStr, *, timeout: float) -> None:
    """Ask Discord to wait up to 15 minutes for a reply that only the member who acted will see. Raises DiscordError."""
    deferred = {
        "type": InteractionResponseType.DEFERRED_CHANNEL_MESSAGE_WITH_SOURCE,
        "data": {"flags": InteractionResponseFlags.EPHEMERAL},
    }
    path = rest.path("/interactions/{}/{token}/callback", interaction_id, token=token.get_secret_value())
    rest.send(rest.Request("POST", path, f"/interactions/{interaction_id}", deferred), timeout=timeout)


def edit(
    interaction_id: str,
    token: SecretStr,
    message: MessagePayload,
    *,
    file: rest.File | None = None,
    deferred_at: float,
    timeout: float,
) -> None:
    """Replace the reply that was deferred at a monotonic time, and its file. Raises DiscordError.

    Retry an unknown reply only in the first seconds after the defer (SETTLING_SECONDS).
    """
    path = rest.path(
        "/webhooks/{}/{token}/messages/@original", DiscordSettings.load().application_id, token=token.get_secret_value()
    )
    files = (file,) if file else ()
    request = rest.Request("PATCH", path, f"/webhooks/{interaction_id}", message | rest.attachments(files), files)
    deadline, pause = time.monotonic() + timeout, SETTLING_PAUSE
    last_try = min(deadline, deferred_at + SETTLING_SECONDS)
    while True:
        try:
            rest.send(request, timeout=deadline - time.monotonic())
        except DiscordError as error:
            if error.code != UNKNOWN_WEBHOOK or time.monotonic() + pause >= last_try:
                raise
        else:
            return
        time.sleep(pause)
        pause *= 2

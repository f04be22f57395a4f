"""The categories of channels. Discord does not name them in interactions in a thread: ask once, and keep the answer."""

from time import monotonic

from shared.discord import rest
from shared.discord.error import DiscordError
from shared.log import logger

KEPT_SECONDS = 600
UNANSWERED_SECONDS = 30  # do not ask again sooner when Discord is slow
MOST_KEPT = 10_000

_kept: dict[str, tuple[float, list[str]]] = {}  # by channel: until when (monotonic), and its category


def kept(channel_id: str) -> list[str] | None:
    """The category of a channel, an empty list where it has none; None where `ask` must find out."""
    until, category = _kept.get(channel_id, (0.0, []))
    return category if until > monotonic() else None


def ask(channel_id: str, *, timeout: float) -> None:
    """Ask Discord for the category of a channel and keep the answer; `timeout` is in seconds.

    Without an answer keep none for a while: paying in an excluded category is better than not paying who earned it.
    """
    try:
        category, seconds = _category(rest.get_channel(channel_id, timeout=timeout)), KEPT_SECONDS
    except DiscordError as error:
        logger.info("category unknown", extra={"channel_id": channel_id, "problem": str(error)})
        category, seconds = [], UNANSWERED_SECONDS if error.is_retryable else KEPT_SECONDS
    if len(_kept) >= MOST_KEPT:
        _kept.clear()
    _kept[channel_id] = (monotonic() + seconds, category)


def _category(channel: object) -> list[str]:
    parent = channel.get("parent_id") if isinstance(channel, dict) else None
    return [str(parent)] if parent else []

"""The header Server-Timing, in which the gateway describes an invocation."""

import re

from infra.fake_discord.contract import Json


def read(header: str) -> Json:
    """How long the handler took, whether it started cold, and which database functions it called."""
    duration = re.search(r"\bhandler;dur=([0-9.]+)", header)
    return {
        "handler_milliseconds": float(duration[1]) if duration else None,
        "cold": re.search(r"(^|, )cold(,|$)", header) is not None,
        "database_calls": re.findall(r'\bdatabase;desc="([^"]*)"', header),
    }

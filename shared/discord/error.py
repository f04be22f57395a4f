"""What Discord refuses.

https://discord.com/developers/docs/topics/opcodes-and-status-codes#json-json-error-codes
"""

UNKNOWN_CHANNEL, UNKNOWN_MESSAGE, UNKNOWN_WEBHOOK = 10003, 10008, 10015
MISSING_ACCESS, MISSING_PERMISSIONS = 50001, 50013
ALREADY_ACKNOWLEDGED = 40060
BAD_USER_AGENT = 40333


class DiscordError(Exception):
    """Discord refused a request or did not answer (status 0); `code` is Discord's own, 0 where it gave none."""

    def __init__(self, status: int, code: int = 0, message: str = "", scope: str | None = None) -> None:
        super().__init__(f"Discord answered {status} (code {code}) {message}".strip())
        self.status = status
        self.code = code
        self.scope = scope

    @property
    def is_retryable(self) -> bool:
        """Is it worth trying again later: rate limited, broken, or no answer at all?"""
        return self.status in (0, 429) or self.status >= 500

    @property
    def is_gone(self) -> bool:
        """Is the message or its channel gone for good?"""
        return self.code in (UNKNOWN_CHANNEL, UNKNOWN_MESSAGE)

    @property
    def affects_channel(self) -> bool:
        """Would every other request to the channel be refused as well?"""
        return self.code in (MISSING_ACCESS, MISSING_PERMISSIONS)

    @property
    def is_fatal(self) -> bool:
        """Would every other request of ours be refused as well: a token that was reset, an address that is banned?"""
        return self.status == 401 or (self.status == 403 and self.code in (0, BAD_USER_AGENT))

    @property
    def is_invalid(self) -> bool:
        """Does it count towards the ban for 10,000 invalid requests in ten minutes?"""
        return self.status in (401, 403) or (self.status == 429 and self.scope != "shared")

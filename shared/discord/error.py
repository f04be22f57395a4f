"""What Discord refuses.

https://discord.com/developers/docs/topics/opcodes-and-status-codes#json-json-error-codes
"""

UNKNOWN_CHANNEL, UNKNOWN_SERVER, UNKNOWN_MESSAGE, UNKNOWN_WEBHOOK = 10003, 10004, 10008, 10015
UNKNOWN_MEMBER, UNKNOWN_USER, UNKNOWN_EMOJI = 10007, 10013, 10014
TOO_MANY_REACTIONS, SYSTEM_MESSAGE, REACTION_BLOCKED = 30010, 50021, 90001
NO_TEXT_CHANNEL, NO_REPLY_WITHOUT_HISTORY = 50008, 160002
ANNOUNCEMENT_EDITS, CHANNEL_WRITES, OLD_EDITS = 20022, 20028, 30046
TOO_LARGE, ALREADY_ACKNOWLEDGED = 40005, 40060
INVALID_BODY = 50035
BAD_USER_AGENT = 40333
MISSING_ACCESS, MISSING_PERMISSIONS = 50001, 50013
THREAD_ARCHIVED, THREAD_LOCKED = 50083, 160005


class DiscordError(Exception):
    """Discord refused a request or did not answer (status 0).

    `code` is Discord's own, 0 where it gave none. For a 429, `scope` is whose limit it is ("user", "shared", "global",
    None where Discord does not say) and `retry_after` the seconds until it may be tried again.
    """

    def __init__(
        self, status: int, code: int = 0, message: str = "", scope: str | None = None, retry_after: float = 0
    ) -> None:
        super().__init__(f"Discord answered {status} (code {code}) {message}".strip())
        self.status = status
        self.code = code
        self.scope = scope
        self.retry_after = retry_after

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
        return self.is_archived or self.code in (UNKNOWN_SERVER, MISSING_ACCESS, MISSING_PERMISSIONS, THREAD_LOCKED)

    @property
    def is_everyday(self) -> bool:
        """Is it caused by what members and admins do every day, or by a limit of single messages, and so no alarm?"""
        return self.affects_channel or self.limits_message or self.limits_old_messages

    @property
    def is_archived(self) -> bool:
        """Is the channel a thread that must be opened first?"""
        return self.code == THREAD_ARCHIVED

    @property
    def limits_message(self) -> bool:
        """Is it a limit of this one message, such as Discord's for one that is published?

        https://github.com/discord/discord-api-docs/issues/6109
        """
        return self.status == 429 and self.code in (ANNOUNCEMENT_EDITS, CHANNEL_WRITES)

    @property
    def limits_old_messages(self) -> bool:
        """Is it the limit for edits of messages that are older than an hour?"""
        return self.status == 429 and self.code == OLD_EDITS

    @property
    def is_fatal(self) -> bool:
        """Would every other request of ours be refused as well: a token that was reset, an address that is banned?"""
        return self.status == 401 or (self.status == 403 and self.code in (0, BAD_USER_AGENT))

    @property
    def is_invalid(self) -> bool:
        """Does it count towards the ban for 10,000 invalid requests in ten minutes?"""
        return self.status in (401, 403) or (self.status == 429 and self.scope != "shared")

"""The errors that Discord answers."""

from typing import Any

from infra.fake_discord.contract import Json, Problem

Headers = dict[str, str]


class DiscordError(Exception):
    """A request that Discord answers with an error."""

    def __init__(self, status: int, code: int, message: str, /, headers: Headers | None = None, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}
        self.body: Any = {"message": message, "code": code, **more}  # a string is no JSON: something on the way answers


_ERRORS = {
    10003: (404, "Unknown Channel"),
    10004: (404, "Unknown Guild"),
    10007: (404, "Unknown Member"),
    10008: (404, "Unknown Message"),
    10014: (400, "Unknown Emoji"),
    10015: (404, "Unknown Webhook"),
    10062: (404, "Unknown interaction"),
    20012: (403, "You are not authorized to perform this action on this application"),
    30010: (400, "Maximum number of reactions reached (20)"),
    40005: (413, "Request entity too large"),
    40060: (400, "Interaction has already been acknowledged."),
    40333: (403, "internal network error"),
    50001: (403, "Missing Access"),
    50005: (403, "Cannot edit a message authored by another user"),
    50006: (400, "Cannot send an empty message"),
    50013: (403, "Missing Permissions"),
    50021: (403, "Cannot execute action on a system message"),
    50027: (401, "Invalid Webhook Token"),
    50083: (400, "Thread is archived"),
    50109: (400, "The request body contains invalid JSON."),
    90001: (403, "Reaction was blocked"),
    160005: (400, "Thread is locked"),
}


def api_error(code: int) -> DiscordError:
    """The error with this code; KeyError for one that is not listed."""
    status, message = _ERRORS[code]
    return DiscordError(status, code, message)


def invalid_form(problems: list[Problem]) -> DiscordError:
    """The error for a wrong body or parameter, its problems nested as Discord nests them."""
    if any(problem.code == "EMPTY_MESSAGE" for problem in problems):
        return api_error(50006)
    errors: Json = {}
    for problem in problems:
        place = errors
        for key in problem.where:
            place = place.setdefault(str(key), {})
        place.setdefault("_errors", []).append({"code": problem.code, "message": problem.message})
    return DiscordError(400, 50035, "Invalid Form Body", errors=errors)

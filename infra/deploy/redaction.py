"""Keep secrets out of what is printed."""

import re
from collections.abc import Iterable
from urllib.parse import unquote

HIDDEN = "(hidden)"
LEAST_PIECE = 3  # characters; shorter pieces of a password reveal nothing
# The user of Supabase's poolers has a dot: postgres.PROJECT. A password that was not escaped may contain anything.
_WITH_PASSWORD = re.compile(r"(?P<before>\w+://[^:/@]*):(?P<password>.*)@", re.DOTALL)


def redact(text: str, secrets: Iterable[str]) -> str:
    """Hide the secrets in a text, the longest first: a shorter one may be a part of it."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return text


def secrets_in(url: str) -> set[str]:
    """The password in a connection string, and its pieces.

    Whoever parses the URL splits a password with an unescaped `/`, `@` or `:`, and may report a piece of it as a wrong
    port or host.
    """
    match = _WITH_PASSWORD.match(url)
    if match is None:
        return set()
    password = match["password"]
    pieces = {piece for piece in re.split(r"[/@:?#&=%]", password) if len(piece) >= LEAST_PIECE}
    return {password, unquote(password), *pieces}


def split_password(url: str) -> tuple[str, str]:
    """A connection string without its password, for the arguments of a process, and the password ("" for none)."""
    match = _WITH_PASSWORD.match(url)
    if match is None:
        return url, ""
    return f"{match['before']}@{url[match.end() :]}", unquote(match["password"])

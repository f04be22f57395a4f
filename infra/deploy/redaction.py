"""Keeping secrets out of what is printed."""

import re
from collections.abc import Iterable
from urllib.parse import unquote

HIDDEN = "(hidden)"
LEAST_PIECE = 3  # characters; of a password that was cut into pieces, shorter ones tell nothing


def redact(text: str, secrets: Iterable[str]) -> str:
    """The text without the secrets, the longest first: a shorter one may be a part of it."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return text


def secrets_in(url: str) -> set[str]:
    """What a connection string must not tell: its password, also in the pieces that an error message may name.

    A password with an unescaped `/`, `@` or `:` is taken apart by whoever parses the URL, and a piece of it is then
    reported as a wrong port or host.
    """
    told = re.match(r"\w+://[^:/@]*:(?P<password>.*)@", url, re.DOTALL)
    if told is None:
        return set()
    password = told["password"]
    pieces = {piece for piece in re.split(r"[/@:?#&=%]", password) if len(piece) >= LEAST_PIECE}
    return {password, unquote(password), *pieces}

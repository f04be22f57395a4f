"""infra.deploy.redaction: no secret, and no piece of a password, is printed."""

import pytest

from infra.deploy.redaction import redact, secrets_in


@pytest.mark.parametrize(
    ("url", "secrets"),
    [
        ("postgresql://postgres:hunter2@host/db", {"hunter2"}),
        ("postgresql://postgres:hun%2Fter2@host/db", {"hun%2Fter2", "hun/ter2", "hun", "2Fter2"}),
        ("postgresql://postgres:a@b/c:long@host/db", {"a@b/c:long", "long"}),
        ("postgresql://postgres@host/db", set()),
        ("no url", set()),
    ],
)
def test_a_connection_strings_secrets(url: str, secrets: set[str]) -> None:
    assert secrets_in(url) == secrets


def test_the_longest_secret_is_hidden_first() -> None:
    assert redact("ab abc abcd", ["ab", "abcd", ""]) == "(hidden) (hidden)c (hidden)"

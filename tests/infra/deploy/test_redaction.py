"""infra.deploy.redaction: no secret, and no piece of a password, is printed."""

import pytest

from infra.deploy.redaction import redact, secrets_in, split_password


@pytest.mark.parametrize(
    ("url", "secrets"),
    [
        ("postgresql://postgres:hunter2@host/db", {"hunter2"}),
        ("postgresql://postgres:hun%2Fter2@host/db", {"hun%2Fter2", "hun/ter2", "hun", "2Fter2"}),
        ("postgresql://postgres:a@b/c:long@host/db", {"a@b/c:long", "long"}),
        ("postgresql://postgres.abcd:hunter2@aws-0-eu-central-1.pooler.supabase.com:5432/postgres", {"hunter2"}),
        ("postgresql://postgres@host/db", set()),
        ("postgresql://postgres.abcd@host/db", set()),
        ("no url", set()),
    ],
)
def test_a_connection_strings_secrets(url: str, secrets: set[str]) -> None:
    assert secrets_in(url) == secrets


def test_the_longest_secret_is_hidden_first() -> None:
    assert redact("ab abc abcd", ["ab", "abcd", ""]) == "(hidden) (hidden)c (hidden)"


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("postgresql://postgres:hunter2@host:5432/db", ("postgresql://postgres@host:5432/db", "hunter2")),
        ("postgresql://postgres.abcd:hunter2@host/db", ("postgresql://postgres.abcd@host/db", "hunter2")),
        ("postgresql://postgres:hun%2Fter%402@host/db?x=1", ("postgresql://postgres@host/db?x=1", "hun/ter@2")),
        ("postgresql://postgres:a@b/c:d@host/db", ("postgresql://postgres@host/db", "a@b/c:d")),
        ("postgresql://postgres:@host/db", ("postgresql://postgres@host/db", "")),
        ("postgresql://postgres@host/db", ("postgresql://postgres@host/db", "")),
    ],
)
def test_a_connection_string_is_split_from_its_password(url: str, parts: tuple[str, str]) -> None:
    assert split_password(url) == parts

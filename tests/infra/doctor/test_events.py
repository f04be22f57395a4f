"""The doctor's look at events over HTTP: the address refuses a bad signature, and knows the key that it is given."""

from collections.abc import Callable, Iterator

import pytest
from nacl.signing import SigningKey

from infra.doctor import aws
from infra.doctor import events as doctor
from infra.doctor.check import Finding, Status
from infra.local.keys import Keys
from tests.infra.doctor.conftest import assert_failed, finding, report
from tests.proxy import Proxy, broken, nobody, serving
from tests.sql import Database

STRANGER = SigningKey(b"\x07" * 32)
Look = Callable[..., Finding]


@pytest.fixture
def proxy(events_url: str) -> Iterator[Proxy]:
    """A server that answers as a test says."""
    with serving(events_url) as proxy:
        yield proxy


@pytest.fixture
def look(events_url: str, db: Database, monkeypatch: pytest.MonkeyPatch) -> Look:
    """What one check finds, with the private key of a program in the environment where one is given."""

    def ask(name: str, key: str = "", guild_id: str | None = None, url: str = events_url) -> Finding:
        monkeypatch.setenv(doctor.KEY_VARIABLE, key)
        return finding(doctor.checks(lambda: url, guild_id), name)

    return ask


def test_a_bad_signature_is_refused(look: Look) -> None:
    assert look("signatures").status is Status.OK


def test_the_operators_key_is_known_everywhere_and_nothing_changes(look: Look, keys: Keys, db: Database) -> None:
    before = db.contents()
    assert "may send events of any server" in look("key", keys.events_signing_key).said
    assert db.contents() == before


def test_a_brands_key_is_known_for_its_servers(look: Look, db: Database) -> None:
    db.add_brand()
    db.connect_server("77")
    db.call("add_program_key", brand_id="brand", public_key=STRANGER.verify_key.encode().hex())
    key = STRANGER.encode().hex()
    assert "may send events of the server 77" in look("key", key, "77").said
    assert_failed(look("key", key, "78"), "is not known for the server 78", "program-key add")
    assert_failed(look("key", key), "is none of the operator's", "name one by --guild")


def test_a_key_that_nobody_knows_and_what_is_no_key(look: Look) -> None:
    key = STRANGER.encode().hex()
    assert_failed(look("key", key, "77"), "is not known", "EventPublicKeys")
    for wrong in ("marked", "ab" * 31):
        found = look("key", wrong)
        assert_failed(found, "is no Ed25519 key", "private key")
        assert wrong not in found.said + found.do


def test_without_a_key_none_is_tried(look: Look) -> None:
    assert look("key").status is Status.WARNING


@pytest.mark.parametrize(
    ("status", "do"),
    [
        (200, "not verified"),
        (422, "not verified"),
        (403, "both permissions"),
        (404, "EventsUrl"),
        (429, "EventConcurrency"),
    ],
)
def test_another_answer_is_a_failure(look: Look, proxy: Proxy, keys: Keys, status: int, do: str) -> None:
    proxy.next(broken(status))
    assert_failed(look("signatures", url=proxy.url), f"answered with {status}", do)


def test_a_well_signed_batch_that_is_not_recorded(look: Look, proxy: Proxy, keys: Keys) -> None:
    proxy.next(broken(503))
    assert_failed(look("key", keys.events_signing_key, url=proxy.url), "answered with 503", "Supabase")


@pytest.mark.parametrize("name", ["signatures", "key"])
def test_nobody_answers(look: Look, keys: Keys, name: str) -> None:
    assert_failed(look(name, keys.events_signing_key, url=nobody()), "does not answer", "deployed")


def test_the_command_line(
    events_url: str, db: Database, keys: Keys, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(doctor.KEY_VARIABLE, keys.events_signing_key)
    code, found, told = report(capsys, "--only", "events", "--events-url", events_url)
    assert (code, [each["status"] for each in found["checks"]]) == (0, ["ok", "ok"])
    assert keys.events_signing_key not in told
    code, found, _ = report(capsys, "--only", "events")
    assert (code, found["checks"][0]["do"]) == (0, "Name the stack, or --events-url URL.")


def test_the_stack_knows_the_address(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("infra.doctor.aws.open_stack", lambda name, _region: aws.Stack(name, None))
    monkeypatch.setattr("infra.doctor.aws.function_url", lambda _stack, logical: f"{nobody()}/{logical}/")
    _, found, _ = report(capsys, "--only", "events", "--stack", "resonance")
    assert "/EventsFunction/v1/events does not answer" in found["checks"][0]["said"]

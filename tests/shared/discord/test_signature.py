"""Only what Discord signed gets in: everything else is answered 401, always the same, and nothing in it is read."""

import base64
import json
import time
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.signing import SigningKey

import tests
from infra.fake_discord.delivery import sign
from infra.local.delivery import sign_event
from infra.local.keys import Keys
from shared.discord.signature import is_valid, verify_key
from tests.clock import Clock

Event = dict[str, Any]
Handler = Callable[[Event], dict[str, Any]]

EVENTS = {path.stem: json.loads(path.read_text()) for path in tests.EVENTS}
UNSIGNED = {"missing_headers"}
SIGNATURE, TIMESTAMP = "x-signature-ed25519", "x-signature-timestamp"
REFUSAL = {
    "statusCode": 401,
    "headers": {"content-type": "application/json"},
    "body": '{"error":"invalid request signature"}',
}
OTHER_KEY = SigningKey(bytes(range(32)))


@pytest.fixture(scope="session")
def key(keys: Keys) -> SigningKey:
    """The key that stands for Discord's."""
    return SigningKey(bytes.fromhex(keys.signing_key))


@pytest.fixture(scope="session")
def handle(functions: Any) -> Handler:
    """The real handler."""
    return lambda event: dict(functions.interactions.handler(event, None))


@pytest.fixture
def unread(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was parsed as JSON during the test."""
    parsed: list[Any] = []
    loads = json.loads

    def watched(text: Any, *arguments: Any, **options: Any) -> Any:
        parsed.append(text)
        return loads(text, *arguments, **options)

    monkeypatch.setattr(json, "loads", watched)
    return parsed


def signed_ping(key: SigningKey, body: bytes = b'{"type":1}', at: float | None = None) -> Event:
    """A small valid event."""
    headers = sign(body, key, str(int(time.time() if at is None else at)))
    return {"version": "2.0", "headers": headers, "body": body.decode(), "isBase64Encoded": False}


def changed(event: Event, **headers: Any) -> Event:
    """The event with other headers; None takes one away."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    kept = {name: value for name, value in (event["headers"] | names).items() if value is not None}
    return {**event, "headers": kept}


# --- What was recorded


@pytest.mark.parametrize("name", [name for name in EVENTS if name not in UNSIGNED])
def test_every_recorded_event_is_let_in_when_it_is_signed(
    handle: Handler, key: SigningKey, name: str, db: object
) -> None:
    answer = handle(sign_event(EVENTS[name], key))
    assert answer["statusCode"] == 200
    assert answer["headers"] == {"content-type": "application/json"}
    assert json.loads(answer["body"])["type"] in (1, 4, 7, 8, 9)


@pytest.mark.parametrize("name", EVENTS)
def test_no_recorded_event_is_let_in_unsigned_or_signed_by_somebody_else(
    handle: Handler, name: str, unread: list[Any]
) -> None:
    assert handle(deepcopy(EVENTS[name])) == REFUSAL
    assert handle(sign_event(EVENTS[name], OTHER_KEY)) == REFUSAL
    assert unread == []


@pytest.mark.parametrize("name", ["ping", "mixed_case_headers"])
def test_a_ping_is_answered(handle: Handler, key: SigningKey, name: str) -> None:
    assert handle(sign_event(EVENTS[name], key)) == {
        "statusCode": 200,
        "headers": {"content-type": "application/json"},
        "body": '{"type":1}',
    }


# --- What is refused

TAMPERED: dict[str, Callable[[Event], Event]] = {
    "no headers": lambda e: {**e, "headers": {}},
    "headers are null": lambda e: {**e, "headers": None},
    "headers are missing": lambda e: {name: part for name, part in e.items() if name != "headers"},
    "no signature": lambda e: changed(e, x_signature_ed25519=None),
    "no timestamp": lambda e: changed(e, x_signature_timestamp=None),
    "empty signature": lambda e: changed(e, x_signature_ed25519=""),
    "empty timestamp": lambda e: changed(e, x_signature_timestamp=""),
    "odd number of hex digits": lambda e: changed(e, x_signature_ed25519=e["headers"][SIGNATURE][:-1]),
    "not hex": lambda e: changed(e, x_signature_ed25519="zz" * 64),
    "too short": lambda e: changed(e, x_signature_ed25519=e["headers"][SIGNATURE][:-2]),
    "too long": lambda e: changed(e, x_signature_ed25519=e["headers"][SIGNATURE] + "00"),
    "with a newline": lambda e: changed(e, x_signature_ed25519=e["headers"][SIGNATURE] + "\n"),
    "with 0x": lambda e: changed(e, x_signature_ed25519="0x" + e["headers"][SIGNATURE][2:]),
    "spaces between the digits": lambda e: changed(e, x_signature_ed25519=" ".join(e["headers"][SIGNATURE])),
    "zeroes": lambda e: changed(e, x_signature_ed25519="0" * 128),
    "digits that are not ASCII": lambda e: changed(e, x_signature_ed25519="٣" * 128),
    "signature twice": lambda e: changed(e, x_signature_ed25519=",".join([e["headers"][SIGNATURE]] * 2)),
    "signature is no string": lambda e: changed(e, x_signature_ed25519=12),
    "timestamp is no string": lambda e: changed(e, x_signature_timestamp=["1"]),
    "another timestamp": lambda e: changed(e, x_signature_timestamp=str(int(e["headers"][TIMESTAMP]) + 1)),
    "timestamp with a space": lambda e: changed(e, x_signature_timestamp=e["headers"][TIMESTAMP] + " "),
    "timestamp with a sign": lambda e: changed(e, x_signature_timestamp="+" + e["headers"][TIMESTAMP]),
    "timestamp of letters": lambda e: changed(e, x_signature_timestamp="now"),
    "timestamp not ASCII": lambda e: changed(e, x_signature_timestamp="١٧٩٥١٨٩٣٨٠"),
    "endless timestamp": lambda e: changed(e, x_signature_timestamp="9" * 5_000),
    "headers of another alphabet": lambda e: changed(e, x_signature_ed25519="é" * 128, ключ="значение"),
    "another body": lambda e: {**e, "body": '{"type":2}'},
    "a space more": lambda e: {**e, "body": e["body"] + " "},
    "empty body": lambda e: {**e, "body": ""},
    "null body": lambda e: {**e, "body": None},
    "no body": lambda e: {name: part for name, part in e.items() if name != "body"},
    "huge body": lambda e: {**e, "body": "x" * 6_000_000},
    "a lone surrogate": lambda e: {**e, "body": "\ud800"},
    "flagged as base64, but is not": lambda e: {**e, "isBase64Encoded": True},
    "broken base64": lambda e: {**e, "isBase64Encoded": True, "body": "eyJ0eXBlIjox!fQ=="},
    "base64 without its end": lambda e: {**e, "isBase64Encoded": True, "body": "eyJ0eXBlIjoxf"},
    "base64 that is not ASCII": lambda e: {**e, "isBase64Encoded": True, "body": "eyJ0eXBlIjoxfQ=é"},
    "base64 of another body": lambda e: {**e, "isBase64Encoded": True, "body": base64.b64encode(b"{}").decode()},
    "base64 of no text": lambda e: {**e, "isBase64Encoded": True, "body": base64.b64encode(b"\xff\xfe").decode()},
    "base64 that is not flagged": lambda e: {**e, "body": base64.b64encode(e["body"].encode()).decode()},
    "an empty event": lambda _: {},
}


@pytest.mark.parametrize("tamper", TAMPERED.values(), ids=TAMPERED.keys())
def test_what_was_tampered_with_gets_the_one_refusal_and_is_not_read(
    handle: Handler, key: SigningKey, unread: list[Any], tamper: Callable[[Event], Event]
) -> None:
    event = signed_ping(key)
    assert handle(event)["statusCode"] == 200
    unread.clear()
    assert handle(tamper(event)) == REFUSAL
    assert unread == []


@pytest.mark.parametrize("age", [905, -905, 10**9])
def test_an_old_request_or_one_of_the_future_is_refused(
    handle: Handler, key: SigningKey, unread: list[Any], age: int
) -> None:
    assert handle(signed_ping(key, at=time.time() - age)) == REFUSAL
    assert unread == []


@pytest.mark.parametrize("age", [0, 60, 895, -895])
def test_a_clock_may_be_off_by_minutes(handle: Handler, key: SigningKey, age: int) -> None:
    assert handle(signed_ping(key, at=time.time() - age))["statusCode"] == 200


@pytest.mark.parametrize(("age", "valid"), [(900, True), (901, False), (-900, True), (-901, False)])
def test_a_request_is_valid_for_15_minutes(monkeypatch: pytest.MonkeyPatch, age: int, valid: bool) -> None:
    clock = Clock()
    monkeypatch.setattr("shared.discord.signature.time", clock)
    timestamp = str(int(clock.time()) - age)
    signature = sign(b"{}", OTHER_KEY, timestamp)[SIGNATURE]
    assert is_valid(b"{}", signature, timestamp, [OTHER_KEY.verify_key]) is valid


# --- What is let in


@pytest.mark.parametrize("spelled", [str.upper, str.title, str.lower, str.swapcase])
def test_header_names_count_in_any_case(handle: Handler, key: SigningKey, spelled: Callable[[str], str]) -> None:
    event = signed_ping(key)
    event["headers"] = {spelled(name): value for name, value in event["headers"].items()}
    assert handle(event)["statusCode"] == 200


def test_hex_counts_in_any_case(handle: Handler, key: SigningKey) -> None:
    event = signed_ping(key)
    assert handle(changed(event, x_signature_ed25519=event["headers"][SIGNATURE].upper()))["statusCode"] == 200


def test_the_bytes_are_verified_not_their_encoding(handle: Handler, key: SigningKey) -> None:
    event = signed_ping(key)
    encoded = {**event, "isBase64Encoded": True, "body": base64.b64encode(event["body"].encode()).decode()}
    assert handle(encoded) == handle(event)


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"not JSON", b"\x00"])
def test_a_signed_body_that_is_no_json_is_answered(handle: Handler, key: SigningKey, body: bytes) -> None:
    event = {**signed_ping(key), "headers": sign(body, key, str(int(time.time()))), "isBase64Encoded": True}
    answer = handle({**event, "body": base64.b64encode(body).decode()})
    assert answer["statusCode"] == 200
    assert json.loads(answer["body"])["data"]["flags"] == 64


def test_two_keys_are_valid_while_they_are_changed(
    handle: Handler, functions: Any, key: SigningKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert handle(signed_ping(OTHER_KEY)) == REFUSAL
    both = (OTHER_KEY.verify_key, key.verify_key)
    monkeypatch.setattr(functions.interactions, "PUBLIC_KEYS", both)
    assert handle(signed_ping(OTHER_KEY))["statusCode"] == 200
    assert handle(signed_ping(key))["statusCode"] == 200
    assert handle(signed_ping(SigningKey.generate())) == REFUSAL


# --- For all bytes

bodies = st.binary(max_size=300)
now = st.integers(-895, 895).map(lambda age: str(int(time.time()) - age))


@given(bodies, now)
def test_all_signed_bytes_are_valid(body: bytes, timestamp: str) -> None:
    signature = sign(body, OTHER_KEY, timestamp)[SIGNATURE]
    assert is_valid(body, signature, timestamp, [OTHER_KEY.verify_key])
    assert is_valid(body, signature, timestamp, [SigningKey.generate().verify_key, OTHER_KEY.verify_key])
    assert not is_valid(body, signature, timestamp, [SigningKey.generate().verify_key])
    assert not is_valid(body, signature, timestamp, [])


@given(st.binary(min_size=1, max_size=300), now, st.data())
def test_no_bit_may_change(body: bytes, timestamp: str, data: st.DataObject) -> None:
    signature = sign(body, OTHER_KEY, timestamp)[SIGNATURE]
    keys = [OTHER_KEY.verify_key]
    assert not is_valid(_flipped(body, data), signature, timestamp, keys)
    assert not is_valid(body, _flipped(bytes.fromhex(signature), data).hex(), timestamp, keys)
    assert not is_valid(body, signature, _flipped(timestamp.encode(), data).decode("latin-1"), keys)


def _flipped(text: bytes, data: st.DataObject) -> bytes:
    """The bytes with one bit changed."""
    bit = data.draw(st.integers(0, len(text) * 8 - 1))
    changed = bytearray(text)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


@given(bodies, st.text(), st.text() | now)
def test_any_strings_are_judged_without_an_error(body: bytes, signature: str, timestamp: str) -> None:
    assert is_valid(body, signature, timestamp, [OTHER_KEY.verify_key]) is False


@given(st.text() | st.text("0123456789abcdefABCDEF", min_size=64, max_size=64))
def test_any_string_is_a_key_or_none(text: str) -> None:
    key = verify_key(text)
    assert (key is not None) is (len(text) == 64 and set(text) <= set("0123456789abcdefABCDEF"))
    assert key is None or key.encode().hex() == text.lower()


@pytest.mark.parametrize("weak", ["00" * 32, "01" + "00" * 31, "ec" + "ff" * 30 + "7f", "ff" * 32])
def test_a_key_that_everybody_could_sign_for_signs_nothing(weak: str) -> None:
    key = verify_key(weak)
    assert key
    for signature in ("00" * 64, "01" + "00" * 63, weak + "00" * 32):
        assert is_valid(b"{}", signature, str(int(time.time())), [key]) is False


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(), values, max_size=3),
    max_leaves=5,
)
headers = st.dictionaries(
    st.sampled_from([SIGNATURE, TIMESTAMP, SIGNATURE.title(), "host"]) | st.text(),
    st.text() | now | st.text("0123456789abcdef", min_size=128, max_size=128) | json_values,
)


@settings(max_examples=200)
@given(headers | st.none(), st.text() | bodies.map(lambda b: base64.b64encode(b).decode()) | st.none(), st.booleans())
def test_any_event_without_a_signature_gets_the_one_refusal(
    handle: Handler, headers: dict[str, Any] | None, body: str | None, is_base64: bool
) -> None:
    assert handle({"version": "2.0", "headers": headers, "body": body, "isBase64Encoded": is_base64}) == REFUSAL

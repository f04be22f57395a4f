"""How an SQL function is called: headers, parameters, errors, retries."""

import time
from typing import Any

import pytest

from shared import database
from tests.conftest import Surroundings
from tests.proxy import Proxy, broken


def test_a_new_style_key_is_no_bearer(rest_proxy: Proxy, surroundings: Surroundings, keys: Any) -> None:
    rest_proxy.next(broken(500), broken(500))
    for key in (keys.service_key, "sb_secret_abc"):
        surroundings.set(SUPABASE_SECRET_KEY=key)
        with pytest.raises(database.DatabaseError):
            database.rpc("reset_streaks", timeout=1)
    old, new = ({name.lower(): value for name, value in r.headers.items()} for r in rest_proxy.requests)
    assert (old["apikey"], old["authorization"]) == (keys.service_key, f"Bearer {keys.service_key}")
    assert new["apikey"] == "sb_secret_abc"
    assert "authorization" not in new


def test_arguments_become_parameters(rest_proxy: Proxy) -> None:
    assert database.rpc("reset_streaks", timeout=2, batch=5) == {"reset": 0}
    (request,) = rest_proxy.requests
    assert (request.method, request.path, request.body) == ("POST", "/rpc/reset_streaks", b'{"p_batch":5}')


def test_one_connection_serves_many_calls(rest_proxy: Proxy) -> None:
    assert database.client() is database.client()
    for _ in range(3):
        database.rpc("reset_streaks", timeout=2)
    assert len(rest_proxy.requests) == 3


def test_a_bug_of_ours_is_told_with_its_code_and_not_repeated(rest_proxy: Proxy) -> None:
    with pytest.raises(database.DatabaseError) as caught:
        database.rpc("claim_drop", timeout=2, caller={}, drop_id="no uuid")
    assert caught.value.code == "22P02"
    assert not isinstance(caught.value, database.DatabaseUnavailableError)
    assert not caught.value.is_schema_behind
    assert len(rest_proxy.requests) == 1


@pytest.mark.parametrize("code", ["PGRST202", "42883", "42P01", "42703"])
def test_what_a_schema_that_is_behind_lacks(code: str) -> None:
    assert database.DatabaseError("f", code, "").is_schema_behind
    assert not database.DatabaseError("f", "42501", "").is_schema_behind


def test_retries_end_with_the_time(rest_proxy: Proxy) -> None:
    rest_proxy.next(*[broken(503)] * 50)
    start = time.monotonic()
    with pytest.raises(database.DatabaseUnavailableError):
        database.rpc("reset_streaks", timeout=0.35)
    assert time.monotonic() - start < 3
    assert 2 <= len(rest_proxy.requests) <= 4


@pytest.mark.parametrize(
    "code", ["PGRST000", "PGRST001", "PGRST002", "PGRST003", "57P01", "57P02", "57P03", "53300", "40P01"]
)
def test_what_passes_is_tried_again(rest_proxy: Proxy, code: str) -> None:
    rest_proxy.next(broken(503, f'{{"code":"{code}","message":"m"}}', content_type="application/json"))
    assert database.rpc("reset_streaks", timeout=2) == {"reset": 0}
    assert len(rest_proxy.requests) == 2

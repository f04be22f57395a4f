"""openapi.json is what the script makes of Discord's whole description."""

import json
from typing import Any

import pytest

from infra.fake_discord.rest.api import OPERATIONS
from infra.fake_discord.trim_openapi import ROUTES, TRIMMED, render, trim
from tests import ROOT

WHOLE = ROOT.parent / "shared" / "discord-openapi.json"
SCHEMA = "#/components/schemas/"


@pytest.mark.skipif(not WHOLE.is_file(), reason="Discord's whole description does not lie beside the checkout")
def test_the_trimmed_description_is_up_to_date() -> None:
    assert TRIMMED.read_text(encoding="utf-8") == render(trim(json.loads(WHOLE.read_bytes()))) + "\n", (
        "run `python -m infra.fake_discord.trim_openapi ../shared/discord-openapi.json`"
    )


def test_it_has_every_route_that_the_fake_serves() -> None:
    assert {(method.lower(), path) for method, path in OPERATIONS} <= {
        (method, path) for path, methods in ROUTES.items() for method in methods
    }


def test_every_reference_leads_somewhere() -> None:
    text = TRIMMED.read_text(encoding="utf-8")
    components = json.loads(text)["components"]
    names = {f"#/components/{kind}/{name}" for kind, of_kind in components.items() for name in of_kind}
    assert {value for key, value in pairs(json.loads(text)) if key == "$ref"} == names


def pairs(value: Any) -> list[tuple[str, Any]]:
    """Every key with its value, anywhere inside."""
    if isinstance(value, list):
        return [pair for item in value for pair in pairs(item)]
    return [*value.items(), *pairs(list(value.values()))] if isinstance(value, dict) else []


def test_what_explains_is_left_out_and_what_is_named_so_stays() -> None:
    used = {"type": "object", "description": "x", "properties": {"description": {"type": "string"}, "a": SELF}}
    description = whole({"Used": used, "Unused": {"type": "string"}})
    trimmed = trim(description)
    assert trimmed["components"]["schemas"] == {
        "Used": {"type": "object", "properties": {"description": {"type": "string"}, "a": SELF}}
    }
    assert set(trimmed["paths"]) == set(ROUTES)
    with pytest.raises(KeyError):
        trim(description | {"paths": {}})


SELF = {"$ref": f"{SCHEMA}Used"}


def whole(schemas: dict[str, Any]) -> dict[str, Any]:
    """A description with all routes and one more; each answers a `Used`, in JSON or as a form."""
    content = {kind: {"schema": SELF} for kind in ("application/json", "multipart/form-data")}
    responses = {"200": {"description": "x", "headers": {}, "content": content}}
    operation = {"operationId": "x", "responses": responses}
    paths = {path: dict.fromkeys(methods, operation) for path, methods in ROUTES.items()}
    info = {"title": "x", "license": {}, "version": "1"}
    return {
        "openapi": "3.1.0",
        "info": info,
        "paths": paths | {"/other": {"get": operation}},
        "components": {"schemas": schemas, "responses": {}},
    }


def test_it_renders_json_with_short_values_on_one_line() -> None:
    value = {"short": [1, {"a": None}], "long": ["x" * 100, "é" * 100], "empty": {}}
    assert json.loads(render(value)) == value
    assert render(value).splitlines()[1:3] == [' "short": [1, {"a": null}],', ' "long": [']

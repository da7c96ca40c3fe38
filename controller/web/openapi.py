"""The OpenAPI 3.1 document, generated from the table of endpoints."""

import re
from typing import Any

from controller.web.endpoints import ENDPOINTS, Door, Endpoint, Stream
from controller.web.schemas.base import View, schemas_of

_TEMPLATE = "#/components/schemas/{name}"


class ErrorDetail(View, frozen=True, kw_only=True):
    """What went wrong: a stable code, the field it is about, and what to do."""

    code: str
    field: str | None
    message: str
    detail: dict[str, Any]


class ErrorView(View, frozen=True, kw_only=True):
    """Every answer that is not a success."""

    error: ErrorDetail


def document(version: str) -> dict[str, Any]:
    """Return the OpenAPI document of this release."""
    kinds = _kinds()
    schemas, components = schemas_of(kinds, _TEMPLATE)
    by_kind = dict(zip(kinds, schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in ENDPOINTS:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(
            endpoint, by_kind, components
        )
    return {
        "openapi": "3.1.0",
        "info": {"title": "Loa Xã", "version": version, "license": {"name": "Apache-2.0"}},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "loaxa"},
                "token": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _kinds() -> list[Any]:
    kinds: dict[Any, None] = {ErrorView: None}
    for endpoint in ENDPOINTS:
        for kind in (endpoint.body, endpoint.query, endpoint.answer):
            if kind is not None and not isinstance(kind, Stream):
                kinds[kind] = None
    return list(kinds)


def _operation(
    endpoint: Endpoint, by_kind: dict[Any, Any], components: dict[str, Any]
) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "tags": [endpoint.tag],
        "parameters": _parameters(endpoint, by_kind, components),
        "responses": {
            str(endpoint.status): _content("Done", endpoint.answer, by_kind),
            "default": _content("Refused", ErrorView, by_kind),
        },
        "security": {
            Door.PUBLIC: [],
            Door.SESSION: [{"session": []}],
            Door.ANY: [{"session": []}, {"token": []}],
        }[endpoint.door],
    }
    if endpoint.body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": _content("", endpoint.body, by_kind)["content"],
        }
    return operation


def _content(description: str, kind: object, by_kind: dict[Any, Any]) -> dict[str, Any]:
    if kind is None:
        return {"description": description}
    if isinstance(kind, Stream):
        schema = {"type": "string", "format": "binary"}
        return {"description": description, "content": {kind.value: {"schema": schema}}}
    return {
        "description": description,
        "content": {"application/json": {"schema": by_kind[kind]}},
    }


def _parameters(
    endpoint: Endpoint, by_kind: dict[Any, Any], components: dict[str, Any]
) -> list[dict[str, Any]]:
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", endpoint.path)
    ]
    if endpoint.query is not None:
        name = by_kind[endpoint.query]["$ref"].rsplit("/", 1)[1]
        schema = components[name]
        required = schema.get("required", [])
        parameters += [
            {"name": field, "in": "query", "required": field in required, "schema": detail}
            for field, detail in schema["properties"].items()
        ]
    if endpoint.method == "POST":
        parameters.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "schema": {"type": "string", "maxLength": 80},
            }
        )
    return parameters


if __name__ == "__main__":
    import json
    import sys

    json.dump(document("1"), sys.stdout, ensure_ascii=False, indent=1, sort_keys=True)
    sys.stdout.write("\n")

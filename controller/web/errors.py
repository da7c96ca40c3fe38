"""Every refusal as one JSON shape with a stable code and a sentence in the caller's language."""

import logging
import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from aiohttp import web

from controller.domain.errors import (
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    NotFound,
    SignInNeeded,
    TooMany,
    Unavailable,
)
from controller.web.call import Language, language_of
from controller.web.messages import sentence
from controller.web.schemas.base import BodyError, write_json

_log = logging.getLogger(__name__)

STATUS: Final[dict[type[DomainError], int]] = {
    Invalid: 422,
    SignInNeeded: 401,
    NotFound: 404,
    Forbidden: 403,
    Conflict: 409,
    Unavailable: 503,
    TooMany: 429,
}

_HTTP_CODES: Final = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    431: "too_large",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every exception into an answer; what nobody foresaw is logged with an id."""
    try:
        return await handler(request)
    except DomainError as error:
        response = refuse(
            request, STATUS.get(type(error), 500), error.code, error.field, error.detail
        )
        if isinstance(error, TooMany) and "retry_after_s" in error.detail:
            response.headers["Retry-After"] = str(error.detail["retry_after_s"])
        return response
    except BodyError as error:
        return refuse(request, 422, error.code, error.field or None, {"what": error.detail})
    except web.HTTPException as error:
        if error.status < 400:
            raise
        code = _HTTP_CODES.get(error.status, "bad_request")
        return refuse(request, error.status, code, None, {}, error.headers.get("Allow"))
    except (ConnectionResetError, TimeoutError):
        raise
    except Exception:  # noqa: BLE001  the last boundary: an answer for the caller, the cause logged
        incident = uuid.uuid4().hex[:12]
        _log.exception("unforeseen", extra={"incident": incident, "path": request.path})
        return refuse(request, 500, "internal", None, {"incident": incident})


def refuse(
    request: web.Request,
    status: int,
    code: str,
    field: str | None,
    detail: Mapping[str, object],
    allow: str | None = None,
) -> web.Response:
    """Return the answer of a refusal."""
    language: Language = language_of(request)
    body = {
        "error": {
            "code": code,
            "field": field,
            "message": sentence(code, language, detail),
            "detail": dict(detail),
        }
    }
    response = web.Response(status=status, body=write_json(body), content_type="application/json")
    if allow:
        response.headers["Allow"] = allow
    return response

"""The built screens (controller/ui), held in memory: no path of a request reaches the disk."""

import gzip
import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiohttp import web

STATIC: Final = Path(__file__).parent / "static"

_HASHED: Final = "assets/"
"""The build names these files by their content, so they never change."""

_FOREVER: Final = "public, max-age=31536000, immutable"
_ASK_EACH_TIME: Final = "no-cache"
_COMPRESSED: Final = frozenset({".css", ".html", ".js", ".json", ".svg", ".webmanifest"})
_NOT_BUILT: Final = (
    "<!doctype html><meta charset=utf-8><title>Loa Xã</title>"
    "<p>Giao diện chưa được dựng. The screens are not built: run make setup.</p>"
)


@dataclass(frozen=True, slots=True)
class Asset:
    """One file: plain and, where it pays, compressed by gzip."""

    body: bytes
    packed: bytes | None
    content_type: str
    tag: str
    caching: str


def load(folder: Path = STATIC) -> Mapping[str, Asset]:
    """Return all built files by their path below `/`; empty when nothing is built."""
    if not folder.is_dir():
        return {}
    files = (file for file in sorted(folder.rglob("*")) if file.is_file())
    return {file.relative_to(folder).as_posix(): _asset(file, folder) for file in files}


def install(app: web.Application, assets: Mapping[str, Asset]) -> None:
    """Serve the files, and the start page for every other address outside of the API."""

    async def serve(request: web.Request) -> web.Response:
        path = request.match_info["path"]
        if path.startswith(("api/", _HASHED)) and path not in assets:
            raise web.HTTPNotFound
        asset = assets.get(path) or assets.get("index.html")
        if asset is None:
            return web.Response(status=503, text=_NOT_BUILT, content_type="text/html")
        return _response(request, asset)

    app.router.add_get("/{path:.*}", serve)


def _asset(file: Path, folder: Path) -> Asset:
    body = file.read_bytes()
    packed = gzip.compress(body, 9, mtime=0) if file.suffix in _COMPRESSED else None
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    hashed = file.relative_to(folder).as_posix().startswith(_HASHED)
    tag = hashlib.sha256(body).hexdigest()[:32]
    return Asset(body, packed, kind, tag, _FOREVER if hashed else _ASK_EACH_TIME)


def _response(request: web.Request, asset: Asset) -> web.Response:
    headers = {
        "Cache-Control": asset.caching,
        "ETag": f'"{asset.tag}"',
        "Vary": "Accept-Encoding",
        "Content-Type": asset.content_type
        + ("; charset=utf-8" if asset.packed is not None else ""),
    }
    if f'"{asset.tag}"' in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers=headers)
    if asset.packed is not None and "gzip" in request.headers.get("Accept-Encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return web.Response(body=asset.packed, headers=headers)
    return web.Response(body=asset.body, headers=headers)

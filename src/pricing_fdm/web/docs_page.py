"""`GET /docs`: the API description as a page for people. It loads nothing, from nowhere.

Rendered from the OpenAPI document, so that it cannot disagree with it. The anchors `#code` are the
`type` of the problem documents.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable
from html import escape
from typing import Any, TypeAlias

from starlette.responses import HTMLResponse, Response

from pricing_fdm.web.jobs.schemas import QuoteJobRequest
from pricing_fdm.web.openapi import OLDER_NAMES
from pricing_fdm.web.paths import JOB_QUOTE_PATH, QUOTE_PATH, public_name
from pricing_fdm.web.problems import ROUTING_CODES, STATUS
from pricing_fdm.web.schemas import QuoteRequest

_STYLE = """
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent); }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 62rem; margin: 0 auto; padding: 1.5rem; }
h1 { margin: 0 0 .25rem; } h2 { margin: 2.5rem 0 .5rem; } h3 { margin: 1.5rem 0 .25rem; }
code { font: .875em/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0;
         border-bottom: 1px solid var(--line); }
th { font-weight: 600; white-space: nowrap; }
th:first-child { width: 9rem; }
pre { padding: 1rem; border: 1px solid var(--line); border-radius: .5rem; overflow-x: auto; }
:target { outline: 2px solid; outline-offset: 2px; }
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


Operation: TypeAlias = tuple[str, str, dict[str, Any]]
"""A path, a method, and what is said of them."""


def docs_response(page: str) -> Response:
    """The page as an answer."""
    return HTMLResponse(page, headers=_HEADERS)


def docs_page(api: dict[str, Any]) -> str:
    """The page for a description."""
    info = api["info"]
    operations = [
        (path, method, operation)
        for path, methods in api["paths"].items()
        for method, operation in methods.items()
    ]
    older = [each for each in operations if OLDER_NAMES in each[2]["tags"]]
    routes = "".join(_route(*each) for each in operations if each not in older)
    bodies = "".join(_body(*named) for named in api["components"]["schemas"].items())
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{info["title"]} API'
        '</title><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style></head><body><h1>{info['title']} {info['version']}</h1>"
        f'<p>{escape(info["description"])} This page describes <a href="/openapi.json">'
        f"openapi.json</a>.</p><h2>Price a part</h2><pre><code>{escape(_example(api))}</code></pre>"
        f"<h2>Routes</h2>{routes}<h2>Older names</h2>{_older(older)}<h2>Errors</h2>{_errors()}"
        f"<h2>Bodies</h2>{bodies}</body></html>"
    )


def _example(api: dict[str, Any]) -> str:
    """A request of the first material in the first quality that the shop has.

    A gateway that slices nothing has no quote route; there it is a job.
    """
    schemas = api["components"]["schemas"]
    slices = QuoteRequest.__name__ in schemas
    asked, path = (QuoteRequest, QUOTE_PATH) if slices else (QuoteJobRequest, JOB_QUOTE_PATH)
    fields = schemas[asked.__name__]["properties"]
    body = {
        "file_url": "https://storage.example.com/models/bracket.stl?X-Amz-Signature=...",
        "material": fields["material"]["enum"][0],
        "infill": 20,
        "layer_thickness": fields["layer_thickness"]["enum"][0],
    }
    return (
        f"curl -X POST http://localhost:8083{public_name(path)} \\\n"
        f"  -H 'Content-Type: application/json' -d '{json.dumps(body, indent=2)}'"
    )


def _route(path: str, method: str, operation: dict[str, Any]) -> str:
    rows = (
        (f"<code>{status}</code>", _marked_up(answer["description"]))
        for status, answer in operation["responses"].items()
    )
    return (
        f"<h3>{method.upper()} <code>{escape(path)}</code></h3>"
        f"<p>{escape(operation['summary'])}.</p>{_table(('Status', 'Meaning'), rows)}"
    )


def _older(operations: Iterable[Operation]) -> str:
    rows = (
        (f"{method.upper()} <code>{escape(path)}</code>", _marked_up(operation["description"]))
        for path, method, operation in operations
    )
    return _table(("Route", "Meaning"), rows)


def _errors() -> str:
    meanings = {kind.code: (status, kind.title) for kind, status in STATUS.items()} | {
        code: (status, "No such route or method") for status, code in ROUTING_CODES.items()
    }
    rows = (
        (f'<code id="{code}">{code}</code>', str(int(status)), escape(title))
        for code, (status, title) in meanings.items()
    )
    return _table(("Code", "Status", "Meaning"), rows)


def _body(name: str, schema: dict[str, Any]) -> str:
    if "properties" not in schema:
        values = ", ".join(f"<code>{escape(str(v))}</code>" for v in schema.get("enum", ()))
        return f"<h3>{escape(name)}</h3><p>{values}</p>"
    required = schema.get("required", ())
    rows = (
        (
            f"<code>{escape(field)}</code>",
            _type(facts) + ("" if field in required else ", optional"),
            _marked_up(facts.get("description", "")),
        )
        for field, facts in schema["properties"].items()
    )
    return (
        f"<h3>{escape(name)}</h3><p>{_marked_up(schema.get('description', ''))}</p>"
        f"{_table(('Field', 'Type', 'Meaning'), rows)}"
    )


def _type(facts: dict[str, Any]) -> str:
    if "$ref" in facts:
        return escape(facts["$ref"].rpartition("/")[2])
    if "items" in facts:
        return f"list of {_type(facts['items'])}"
    bounds = [str(facts[key]) for key in ("minimum", "maximum") if key in facts]
    return escape(facts.get("type", "value")) + (f" {'..'.join(bounds)}" if bounds else "")


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    header = "".join(f"<th>{title}</th>" for title in head)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f'<div class="wide"><table><tr>{header}</tr>{body}</table></div>'


def _marked_up(text: str) -> str:
    """Escapes, and sets `code` in backticks as code."""
    parts = escape(text).split("`")
    return "".join(f"<code>{p}</code>" if i % 2 else p for i, p in enumerate(parts))

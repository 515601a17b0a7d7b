"""What an action can answer, and its two forms on the wire: JSON for `format=1`, XML for everything else.

Contract: `render(result, as_json=...)` gives content type and body.
Rules: an error's empty arguments are `[]`, as PHP prints an empty array; in XML true is `1` and null is empty.
"""

import json
from typing import TypeAlias
from xml.sax.saxutils import escape

from tools.standin.errors import ApiError

Result: TypeAlias = "bool | int | str | dict[str, Result] | list[Result] | ApiError | None"

JSON = "application/json"
XML = "text/xml; charset=UTF-8"


def render(result: Result, *, as_json: bool) -> tuple[str, bytes]:
    """Render an answer; gives its content type and its body."""
    if as_json:
        return JSON, b"true" if result is True else json.dumps(_plain(result), separators=(",", ":")).encode()
    head = '<?xml version="1.0" encoding="utf-8"?>'
    return XML, f"{head}<xml><result>{_xml(result)}</result><executionTime>0.001</executionTime></xml>".encode()


def _plain(result: Result) -> object:
    if isinstance(result, ApiError):
        return {
            "code": result.code,
            "message": result.message,
            "objectType": "KalturaAPIException",
            "args": result.details or [],
        }
    if isinstance(result, list):
        return [_plain(item) for item in result]
    return {name: _plain(item) for name, item in result.items()} if isinstance(result, dict) else result


def _xml(result: Result) -> str:
    if isinstance(result, ApiError):
        args = "".join(
            f"<item><objectType>KalturaApiExceptionArg</objectType><name>{name}</name><value>{_xml(value)}</value></item>"
            for name, value in result.details.items()
        )
        return (
            f"<error><code>{result.code}</code><message>{_xml(result.message)}</message>"
            f"<objectType>KalturaAPIException</objectType><args>{args}</args></error>"
        )
    if isinstance(result, list):
        return "".join(f"<item>{_xml(item)}</item>" for item in result)
    if isinstance(result, dict):
        return "".join(f"<{name}>{_xml(item)}</{name}>" for name, item in result.items())
    if isinstance(result, bool) or result is None:
        return "1" if result else ""
    return escape(str(result), {'"': "&quot;", "'": "&#039;"})

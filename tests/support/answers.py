"""Answers of Kaltura's API, as a server gives them."""

import json
from typing import Any

JSON = "application/json"
KS = "djJ8MTAyfHwtZXhhbXBsZS1vZi1hLXNlc3Npb24tdGhhdC1pcy1sb25nLWVub3VnaA"


def exception(code: str, message: str = "no", args: Any = None) -> bytes:
    """An error body as the server gives it."""
    body = {"code": code, "message": message, "objectType": "KalturaAPIException", "args": args or {}}
    return json.dumps(body).encode()

"""The response cache: the largest hidden hazard of the real server, and the reason for this stand-in.

Contract: `key(...)` names a request; `get` gives the answer that is still fresh, `put` keeps one.

Rules (measured on the real server)
- An answer is kept for 600 s, an error for 120 s. A request served from here runs no action: its event is not logged.
- The key is made of all parameters except `ks` and `clientTag`, in their order, as they were spelt: colon and bracket
  form differ, bracket form and JSON do not, numbers and their texts do not. Where the request came (service path or
  index.php, POST or GET) does not matter; a single call and an item of a batch do.
- `nocache`, whatever its value, bypasses it (the caller looks).
"""

import hashlib
from collections.abc import Callable, Mapping

from tools.standin import php
from tools.standin.answers import Result
from tools.standin.errors import ApiError
from tools.standin.php import Value

ANSWER_S = 600.0
ERROR_S = 120.0
_NULL = "\0"  # null and empty text have keys of their own (case fld-05)
_NOT_IN_KEY = frozenset({"ks", "clientTag"})
# The real cache is on disk and unbounded. The oldest entry goes beyond this, some 40 MB: a benchmark of
# 100 000 events must still find its first one.
_ENTRIES_MAX = 200_000


class Cache:
    """Answers by key and time. Not thread-safe: the API calls it under its lock."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._kept: dict[str, tuple[float, Result]] = {}

    def get(self, key: str) -> tuple[Result] | None:
        """The fresh answer in a tuple of one (the answer itself may be None), or None."""
        kept = self._kept.get(key)
        if kept is None or kept[0] <= self._clock():
            return None
        return (kept[1],)

    def put(self, key: str, result: Result) -> None:
        """Keep an answer for as long as its kind is kept."""
        self._kept.pop(key, None)
        self._kept[key] = (self._clock() + (ERROR_S if isinstance(result, ApiError) else ANSWER_S), result)
        if len(self._kept) > _ENTRIES_MAX:
            del self._kept[next(iter(self._kept))]


def key(scope: str, session: str, params: Mapping[str, Value]) -> str:
    """Name a request: `scope` tells a single call from an item of a batch, `session` is its session's cache class."""
    parts = [scope, session]
    for name, value in params.items():
        if name not in _NOT_IN_KEY:
            _flatten(parts, name, value)
    return hashlib.md5(repr(parts).encode(), usedforsecurity=False).hexdigest()


def _flatten(parts: list[str], name: str, value: Value) -> None:
    if isinstance(value, dict):
        parts.append(name + "[")
        for inner, item in value.items():
            _flatten(parts, inner, item)
        parts.append("]")
    else:
        parts.append(name)
        parts.append(_NULL if value is None else value if isinstance(value, str) else php.to_text(value))

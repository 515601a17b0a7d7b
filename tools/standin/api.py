"""The API's entry: from a request to its answer, through routes, the response cache and multirequest.

Contract: `Api.read` makes the parameters of a request; `Api.answer` answers them; `calls` lists what a request calls,
for faults that look for a certain event.

Rules (recorded in tests/vectors/kaltura.jsonl)
- Parameters: the body (a form, or JSON under exactly `application/json`), the query over it, then the path's pairs.
- A batch runs its items from 1 (from 0, if there is one) upwards and stops without a word at the first that has no
  service and action. `ks`, `clientTag` and `partnerId` are inherited from the top, nothing else.
- `{1:result:ks}` in any text of a later item becomes what the first one answered, and empty if it failed.
- The names `multirequest`, and the letter case of service and action in the cache key, are case-sensitive.
"""

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from tools.standin import cache, errors, php
from tools.standin.actions import Actions, Call
from tools.standin.answers import Result, render
from tools.standin.errors import ApiError
from tools.standin.faults import FaultTable, Ignore, Refuse
from tools.standin.fixtures import Fixtures
from tools.standin.journal import Journal
from tools.standin.php import Params, Value
from tools.standin.report import Reports
from tools.standin.sessions import Sessions
from tools.standin.wire import Answer, Request

ROOT = "/api_v3"
_INHERITED = ("ks", "clientTag", "partnerId")
_KNOWN_SERVICES = frozenset({"stats", "session", "apptoken", "analytics", "report"})
_REFERENCE = re.compile(r"\{([0-9]+):result((?::[^{}:]+)*)\}")
_JSON_FORMAT = 1
_FORM_TYPE = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class _Outcome:
    result: Result
    key: str | None  # None: this answer is not cached
    is_hit: bool = False


class Api:
    """One server's API. Thread-safe: requests run one at a time, so that what is logged has one order."""

    def __init__(
        self,
        fixtures: Fixtures,
        journal: Journal,
        faults: FaultTable,
        clock: Callable[[], float],
        *,
        reports: Reports,
        max_input_vars: int,
    ) -> None:
        self._lock = threading.Lock()
        self._faults = faults
        self._sessions = Sessions(fixtures, clock)
        self._cache = cache.Cache(clock)
        self._routes = Actions(fixtures, self._sessions, journal.append, clock, reports=reports).routes()
        self._max_input_vars = max_input_vars

    def handed_out(self) -> list[str]:
        """The sessions that were started, oldest first."""
        with self._lock:
            return list(self._sessions.handed_out)

    def read(self, request: Request) -> Params:
        """The parameters of a request, as they were spelt."""
        path, _, query = request.target.partition("?")
        kind = request.headers.get("content-type", "")
        params: Params = {}
        if kind == "application/json":
            params = php.parse_json(request.body)
        elif request.method == "POST" and kind.partition(";")[0].strip().lower() == _FORM_TYPE:
            params = self._form(request.body)
        if query:
            php.merge(params, self._form(query.encode("latin-1")))
        names = [unquote(part) for part in path.removeprefix(ROOT).split("/") if part and part != "index.php"]
        params.update(zip(names[::2], names[1::2], strict=False))
        return params

    def answer(self, params: Params, address: str, uri: str) -> Answer:
        """Answer a request that came from `address` for `uri` (path and query)."""
        as_json = php.to_int(params.get("format")) == _JSON_FORMAT
        with self._lock:
            if php.to_text(params.get("service")) == "multirequest":
                outcome = self._batch(params, address, uri)
            else:
                outcome = self._call(params, "call", address, uri)
        headers: tuple[tuple[str, str], ...] = (("Access-Control-Allow-Origin", "*"),)
        if outcome.key:
            state = "cached-dispatcher" if outcome.is_hit else "cache-key"
            headers += (("X-Kaltura", f"{state},{outcome.key}"),)
        content_type, body = render(outcome.result, as_json=as_json)
        return Answer(200, content_type, body, headers)

    def _form(self, body: bytes) -> Params:
        return php.parse_form(body.decode("utf-8", "surrogateescape"), max_input_vars=self._max_input_vars)

    def _batch(self, params: Params, address: str, uri: str) -> _Outcome:
        outcomes: list[_Outcome] = []
        for item in items(params):
            done = [outcome.result for outcome in outcomes]
            outcomes.append(self._call(_resolved(item, done), "item", address, uri))
        keys = [outcome.key for outcome in outcomes if outcome.key]
        return _Outcome(
            [outcome.result for outcome in outcomes],
            cache.key("batch", "", dict(zip(keys, keys, strict=True))) if keys else None,
            is_hit=all(outcome.is_hit for outcome in outcomes),
        )

    def _call(self, raw: Params, scope: str, address: str, uri: str) -> _Outcome:
        ks = php.to_text(raw.get("ks"))
        session = self._sessions.cache_class(ks)
        if session is None or "nocache" in raw:
            return _Outcome(self._run(raw, ks, address, uri), None)
        key = cache.key(scope, session, raw)
        kept = self._cache.get(key)
        if kept:
            return _Outcome(kept[0], key, is_hit=True)
        result = self._run(raw, ks, address, uri)
        self._cache.put(key, result)
        return _Outcome(result, key)

    def _run(self, raw: Params, ks: str, address: str, uri: str) -> Result:
        params = php.expand(raw)
        service, action = php.to_text(params.get("service")), php.to_text(params.get("action"))
        try:
            match self._faults.for_item(lambda: fields(params)):
                case Refuse(code, details):
                    raise errors.named(code, dict(details))
                case Ignore():
                    return None
            route = self._routes.get((service.lower(), action.lower()))
            if route is None:
                raise _no_route(service.lower(), action.lower())
            return route(Call(service, action, params, ks, address, uri))
        except ApiError as refusal:
            return refusal


def items(params: Mapping[str, Value]) -> list[Params]:
    """The items of a batch that the server would run, as they were spelt, with what they inherit."""
    numbered: dict[str, Params] = {}
    for name, value in params.items():
        number, colon, rest = name.partition(":")
        if colon:
            numbered.setdefault(number, {})[rest] = value
        elif isinstance(value, dict):
            php.merge(numbered.setdefault(number, {}), value)
    inherited = {name: params[name] for name in _INHERITED if name in params}
    found: list[Params] = []
    first = 0 if "0" in numbered else 1
    while (item := numbered.get(str(len(found) + first))) and "service" in item and "action" in item:
        found.append(item | {name: value for name, value in inherited.items() if name not in item})
    return found


def calls(params: Params) -> list[Params]:
    """What a request calls, one flat set of parameters each, the event's fields among them."""
    raw = items(params) if params.get("service") == "multirequest" else [params]
    return [fields(php.expand(item)) for item in raw]


def fields(params: Params) -> Params:
    """Parameters with the event's fields laid over them."""
    event = params.get("event")
    return params | event if isinstance(event, dict) else params


def _no_route(service: str, action: str) -> ApiError:
    if not service:
        return errors.named("SERVICE_NOT_SPECIFIED")
    if service not in _KNOWN_SERVICES:
        return ApiError("SERVICE_DOES_NOT_EXISTS", {"SRV_NAME": service})
    return ApiError("ACTION_DOES_NOT_EXISTS", {"ACTION_NAME": action, "SERVICE_NAME": service})


def _resolved(item: Params, done: list[Result]) -> Params:
    """The item with every reference to an earlier result replaced, wherever it stands."""

    def replaced(match: re.Match[str]) -> str:
        index = int(match[1]) - 1
        if not 0 <= index < len(done):
            return match[0]
        result = done[index]
        for name in match[2].split(":")[1:]:
            result = result.get(name) if isinstance(result, dict) else None
        return php.to_text(result) if isinstance(result, bool | int | str) else ""

    def walk(value: Value) -> Value:
        if isinstance(value, dict):
            return {name: walk(inner) for name, inner in value.items()}
        return _REFERENCE.sub(replaced, value) if isinstance(value, str) and "{" in value else value

    return {name: walk(value) for name, value in item.items()}

"""The analytics server: a second host, which takes analytics.trackEvent and nothing else.

Contract: `Analytics` is a `Collector` that answers as that host does; what it logged is in `events`, and it can be told
to misbehave in all the ways of a collector. On the API's own host trackEvent is ACTION_DOES_NOT_EXISTS, as recorded.

    with Analytics() as analytics:
        ...                                            # something sends to analytics.url
        assert [3] == [event["eventType"] for event in analytics.events]

Rules
- The real one is closed: this is what the guide says of it (sections 6 and 11.2) and what players expect. 200 with
  `{"time": …, "viewEventsEnabled": …}`, or, told to be `terse`, with the bare time; 400 without eventType or partnerId;
  401 for a session that is not good; 404 for anything but trackEvent. An event needs no session.
- Parameters are taken from the form, a JSON body and the address alike, for players use all three.
- An event is logged with all its parameters as texts, eventType as a number; a session is redacted.
- There is no cache and no recognition of repeats, since none is known.
"""

import json
import threading
import time
from collections.abc import Callable
from typing import Any

from tools.standin import errors, php, site
from tools.standin.answers import JSON, render
from tools.standin.errors import ApiError
from tools.standin.faults import Ignore, Refuse
from tools.standin.fixtures import load
from tools.standin.php import Params
from tools.standin.server import Collector
from tools.standin.sessions import Sessions
from tools.standin.wire import Answer

_NOT_SHOWN = frozenset({"service", "action", "format", "ks", "eventType"})


class Analytics(Collector):
    """A running analytics server. Thread-safe."""

    def __init__(
        self, port: int = 0, *, host: str = "127.0.0.1", clock: Callable[[], float] = time.time, **options: Any
    ) -> None:
        """As a collector's; `options` are its others."""
        self._sessions = Sessions(options.get("fixtures") or load(), clock)
        self._turn = threading.Lock()
        self._views, self._terse = True, False
        super().__init__(port, host=host, clock=clock, **options)

    def want_views(self, wanted: bool) -> None:
        """What answers say of VIEW events from now on."""
        self._views = wanted

    def be_terse(self) -> None:
        """Answer with the bare time from now on."""
        self._terse = True

    def _answer(self, params: Params, address: str, target: str) -> Answer:
        service, action = (php.to_text(params.get(name)).lower() for name in ("service", "action"))
        if (service, action) != ("analytics", "trackevent"):
            return site.failed(404)
        with self._turn:
            match self._faults.for_item(lambda: params):
                case Refuse(code, details):
                    return Answer(200, *render(errors.named(code, dict(details)), as_json=True))
                case Ignore():
                    return self._accepted()
            missing = [name for name in ("eventType", "partnerId") if not php.to_int(params.get(name))]
            if missing:
                return Answer(400, JSON, json.dumps({"error": f"missing {missing[0]}"}).encode())
            ks = php.to_text(params.get("ks"))
            try:
                if ks:
                    self._sessions.check(ks, address, target)
            except ApiError as refusal:
                return Answer(401, JSON, json.dumps({"error": refusal.message}).encode())
            self._log(params, ks, address)
            return self._accepted()

    def _log(self, params: Params, ks: str, address: str) -> None:
        event = {name: php.to_text(value) for name, value in params.items() if name not in _NOT_SHOWN}
        own = {"received": self.now(), "remote_ip": address, "_request": {"ks": "(redacted)"} if ks else {}}
        self._journal.append({"eventType": php.to_int(params["eventType"]), **event, **own})

    def _accepted(self) -> Answer:
        now = int(self.now())
        said = now if self._terse else {"time": now, "viewEventsEnabled": self._views}
        return Answer(200, JSON, json.dumps(said).encode())


def tracked(event: dict[str, Any]) -> str:
    """An event as a line for people."""
    shown = (
        "entryId",
        "eventIndex",
        "position",
        "playTimeSum",
        "kalturaApplication",
        "pageType",
        "pageName",
        "buttonName",
    )
    known = " ".join(f"{name}={event[name]}" for name in shown if event.get(name))
    known = "".join(letter for letter in known if letter.isprintable())  # a terminal would obey the others
    return f"trackEvent {event['eventType']:>5} {known}"

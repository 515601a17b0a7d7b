"""From a request's body to submissions, and from their answers to the one answer of HTTP.

Contract: `Events.hear` takes a body that somebody may send, and answers a `Hearing`, whose `response` is None until
every event in it has its answer. Replies come from the main loop's thread; everything else is the listener's.
Rules: one JSON object is answered as on the socket. A list is answered with a list, each event by itself, in order;
the status is 200 when all are durable, else that of the first that is not. When one is throttled, so are those behind
it: kept, they would overtake it when it is sent again.
Reasons: decision 27; agent/intake/web.md has the status codes.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from agent.intake.conversation import ACCEPTED
from agent.intake.parse import parse, read_json
from agent.intake.submission import UNANSWERED, Answer, Declined, Kept, Misfit, Reason, Submission, plain
from agent.intake.throttle import Throttle
from agent.intake.web_http import Response

# With all connections at it this is a fifth of the mailbox; a page that has more to tell sends several requests.
MAX_EVENTS = 50

_THROTTLED = "more is told than intake.rate and intake.burst allow; nothing of this was kept"
_STATUS = {
    Reason.MALFORMED: HTTPStatus.BAD_REQUEST,
    Reason.OVERSIZED: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Reason.THROTTLED: HTTPStatus.TOO_MANY_REQUESTS,
    Reason.VISITS_OFF: HTTPStatus.CONFLICT,
    Reason.NO_ANSWER: HTTPStatus.GATEWAY_TIMEOUT,
}


class Hearing:
    """What became of `size` events of one request. `marks` are the application's own ids."""

    def __init__(self, size: int, *, is_list: bool, count: Callable[[str], None]) -> None:
        self._answers: list[Answer | None] = [None] * size
        self._is_list = is_list
        self._count = count
        self.marks: list[str | int | None] = [None] * size

    def answer(self, place: int, answer: Answer) -> None:
        """From any thread, once for each event."""
        self._answers[place] = answer

    def response(self) -> Response | None:
        """The answer to the request, once; None while an event has none."""
        answers = [answer for answer in self._answers if answer is not None]
        return self._response(answers) if len(answers) == len(self._answers) else None

    def late(self) -> Response:
        """The answer when there is no more time to wait."""
        return self._response([UNANSWERED if answer is None else answer for answer in self._answers])

    def _response(self, answers: Sequence[Answer]) -> Response:
        for answer in answers:
            self._count(ACCEPTED if isinstance(answer, Kept) else answer.reason.value)
        said: list[Any] = [plain(answer, mark) for answer, mark in zip(answers, self.marks, strict=True)]
        failed = next((answer for answer in answers if not isinstance(answer, Kept)), None)
        body = said if self._is_list else said[0]
        return Response(status_of(failed), body, _retry(answers)) if failed else Response(HTTPStatus.OK, body)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the answer to one event goes."""

    hearing: Hearing
    place: int
    wake: Callable[[], None]

    def put(self, item: Answer, /) -> None:
        self.hearing.answer(self.place, item)
        self.wake()


class Events:
    """`put` leaves a submission for the main loop, `now` gives boot-time seconds, `wake` tells that an answer is there.

    `count` counts the answers: accepted, or by reason.
    """

    def __init__(
        self,
        *,
        put: Callable[[Submission], None],
        throttle: Throttle,
        count: Callable[[str], None],
        now: Callable[[], float],
        wake: Callable[[], None],
    ) -> None:
        self._put = put
        self._throttle = throttle
        self._count = count
        self._now = now
        self._wake = wake

    def hear(self, body: bytes, *, who: str) -> Hearing:
        """Pass on what can be passed on; answer the rest."""
        read = read_json(body)
        events = read if isinstance(read, list) else [read]
        is_list = isinstance(read, list)
        if not 0 < len(events) <= MAX_EVENTS:
            read, events, is_list = _wrong_number(len(events)), [None], False
        hearing = Hearing(len(events), is_list=is_list, count=self._count)
        if isinstance(read, Misfit):
            hearing.answer(0, read)
            return hearing
        held: Declined | None = None
        for place, event in enumerate(events):
            parsed = parse(event, who=who, reply=_Place(hearing, place, self._wake))
            hearing.marks[place] = parsed.mark
            if isinstance(parsed, Misfit):
                hearing.answer(place, parsed)
                continue
            held = held or self._held()
            if held is None:
                self._put(parsed)
            else:
                hearing.answer(place, held)
        return hearing

    def _held(self) -> Declined | None:
        wait = self._throttle.wait(self._now())
        return Declined(Reason.THROTTLED, _THROTTLED, retry_after_s=round(wait, 3)) if wait else None


def status_of(answer: Answer) -> HTTPStatus:
    """What HTTP calls an answer."""
    return HTTPStatus.OK if isinstance(answer, Kept) else _STATUS.get(answer.reason, HTTPStatus.SERVICE_UNAVAILABLE)


def _retry(answers: Sequence[Answer]) -> tuple[tuple[str, str], ...]:
    """Retry-After knows whole seconds only; the body has the fraction."""
    waits = [answer.retry_after_s for answer in answers if isinstance(answer, Declined) and answer.retry_after_s]
    return (("Retry-After", str(math.ceil(max(waits)))),) if waits else ()


def _wrong_number(count: int) -> Misfit:
    reason = Reason.OVERSIZED if count else Reason.MALFORMED
    return Misfit(None, f"found a list of {count}", f"an object, or a list of 1 to {MAX_EVENTS}", reason=reason)

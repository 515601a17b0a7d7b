"""How long to stay with a message that does not get through.

Contract: pure. A `Trial` is the present run of failures of the head of the queue; `after` is the trial after one more.
`tried_after` is what is kept of a message's tries, whatever place it had in its request.
Rules: `Later` is tried again at the sending pace, and never before the time that the server asked for; what the server
asked of all is spread, for it asked a thousand kiosks at the same moment. The first failure whose cause is mended
already is tried again without a pause. `Held` is tried again slowly: nobody may come to say that the cause is gone.
A message that Kaltura itself has answered with an error it does not explain, many times, while the event grew older
than a day, is hopeless if another one is accepted in its stead: then it goes to the dead letters (decision 23). The
age is the event's, not the trial's, since a kiosk that is switched off every night would never see a trial of a day.
Reasons: the guide's 11.3, decisions 6, 8, 23; kernel/backoff.
"""

from dataclasses import dataclass, replace
from typing import Final, assert_never

from agent.kernel.backoff import SEND_PACE, delay, spread
from agent.kernel.verdict import Cause, Held, Later
from agent.outbox.trials import Tried

HELD_RETRY: Final = 300.0
"""Seconds between tries of a held message, give or take `HELD_SPREAD` of it."""
HELD_SPREAD: Final = 0.2

ASKED_SPREAD: Final = 0.2
"""A Retry-After is waited out, and up to this part of it more."""

HOPELESS_TRIES: Final = 50
"""At the sending pace these take more than two hours of an answering server."""
HOPELESS_AGE: Final = 86_400.0
"""Seconds: decision 23's 24 h."""


@dataclass(frozen=True, slots=True)
class Trial:
    """`failures` in a row of the message `token`, `wait`: seconds before the next try.

    `mended`: a try without a pause was already given for a cause that was said to be gone.
    """

    token: str
    failures: int = 0
    wait: float = 0.0
    mended: bool = False

    def after(self, verdict: Later | Held, *, jitter: float) -> "Trial":
        """This trial after one more failure; `jitter` from 0 up to, but not including, 1."""
        failures = self.failures + 1
        match verdict:
            case Later(mended=True) if not self.mended:
                return Trial(self.token, failures, wait=0.0, mended=True)
            case Later(retry_after=asked):
                wait = delay(SEND_PACE, failures=failures, previous=self.wait, jitter=jitter)
                wait = max(wait, (asked or 0.0) * (1.0 + ASKED_SPREAD * jitter))
            case Held():
                wait = spread(HELD_RETRY, part=HELD_SPREAD, jitter=jitter)
            case _:
                assert_never(verdict)
        return Trial(self.token, failures, wait, self.mended)


NO_TRIAL: Final = Trial(token="")


def tried_after(tried: Tried, verdict: Later | Held, *, batched: bool) -> Tried:
    """What is known of a message's tries after one more failure, on the road that it went."""
    tried = replace(tried, attempt=tried.attempt + int(verdict.answered))
    if isinstance(verdict, Later) and verdict.lost:
        tried = replace(tried, lost=True, batched=batched)
    return tried


def is_hopeless(attempt: int, verdict: Later | Held, *, age: float) -> bool:
    """Whether a message with so many answered errors is given up once another is accepted; `age` of the event in s."""
    is_unexplained = isinstance(verdict, Later) and verdict.answered and verdict.cause is Cause.SERVER
    return is_unexplained and attempt >= HOPELESS_TRIES and age >= HOPELESS_AGE

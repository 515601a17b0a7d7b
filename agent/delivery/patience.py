"""How long to stay with a message that does not get through.

Contract: pure. A `Trial` is what is known of the tries of one message; `after` is the trial after one more failure.
Rules: `Later` is tried again at the sending pace, and never before the time that the server asked for. `Held` is tried
again slowly: nobody may come to say that the cause is gone. A message that Kaltura itself has answered with an error
it does not explain, many times, while the event grew older than a day, is hopeless if the next one would be accepted:
then it goes to the dead letters (decision 23). The age is the event's, not the trial's, since a kiosk that is switched
off every night would never see a trial of a day.
Reasons: the guide's 11.3, decisions 6, 8, 23; kernel/backoff.
"""

from dataclasses import dataclass
from typing import Final, assert_never

from agent.kernel.backoff import SEND_PACE, delay, spread
from agent.kernel.verdict import Cause, Held, Later

HELD_RETRY: Final = 300.0
"""Seconds between tries of a held message, give or take `HELD_SPREAD` of it."""
HELD_SPREAD: Final = 0.2

HOPELESS_TRIES: Final = 50
"""At the sending pace these take more than two hours of an answering server."""
HOPELESS_AGE: Final = 86_400.0
"""Seconds: decision 23's 24 h."""


@dataclass(frozen=True, slots=True)
class Trial:
    """`failures` in a row, `attempt`: answered errors among them, `wait`: seconds before the next try.

    `lost`: an answer may have been lost, so a later acceptance may be the second one (decision 8). `inherited`: the
    process before may have died while it sent this message, and nobody knows.
    """

    token: str
    failures: int = 0
    attempt: int = 0
    wait: float = 0.0
    lost: bool = False
    inherited: bool = False

    def after(self, verdict: Later | Held, *, jitter: float) -> "Trial":
        """This trial after one more failure; `jitter` from 0 up to, but not including, 1."""
        failures = self.failures + 1
        match verdict:
            case Later(retry_after=asked, lost=lost):
                wait = delay(SEND_PACE, failures=failures, previous=self.wait, jitter=jitter)
                wait = max(wait, asked or 0.0)
            case Held():
                wait, lost = spread(HELD_RETRY, part=HELD_SPREAD, jitter=jitter), False
            case _:
                assert_never(verdict)
        return Trial(
            token=self.token,
            failures=failures,
            attempt=self.attempt + int(verdict.answered),
            wait=wait,
            lost=self.lost or lost,
            inherited=self.inherited,
        )


def is_hopeless(trial: Trial, verdict: Later | Held, *, age: float) -> bool:
    """Whether to see if the next message would be accepted; `age` of the event in seconds of wall time."""
    is_unexplained = isinstance(verdict, Later) and verdict.answered and verdict.cause is Cause.SERVER
    return is_unexplained and trial.attempt >= HOPELESS_TRIES and age >= HOPELESS_AGE

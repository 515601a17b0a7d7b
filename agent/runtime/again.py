"""The agent starts itself again: the same process, the same command line, from the beginning.

Contract: `start_again` is called when everything has ended in good order (the play is closed, the store is closed, the
sockets are gone); it does not return, but where that happened too often in a short time.
Rules: the process keeps its id, so that systemd sees no end and no start, and what is configured for those (delays,
limits) does not come into it. Descriptors that Python opened close by themselves. More than `MOST` times within
`WITHIN_S` is a fault: then the caller ends the process with a failure, and whoever runs it starts it again in its time.
Reasons: a setting that needs the agent started again must not need a person; house rule 8 (bounds).
"""

import os
import sys

import structlog

log = structlog.get_logger()

# The environment survives an exec as nothing else of us does: "<boot-time second of the first> <how many>".
VARIABLE = "KIOSK_AGENT_STARTED_AGAIN"
# An operator may correct himself twice; a document that makes every process want another start is no correction.
MOST = 3
WITHIN_S = 120.0


def start_again(now: float) -> None:
    """Be the same program from its beginning; `now` in boot-time seconds. Returns where that may not or cannot be."""
    first, times = _so_far(os.environ.get(VARIABLE, ""), now)
    if times >= MOST:
        log.error("agent starts again too often", times=times, within_s=WITHIN_S)
        return
    log.info("agent starts again")
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    environment = {**os.environ, VARIABLE: f"{first:.3f} {times + 1}"}
    try:
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], environment)
    except OSError as error:
        log.error("agent cannot start again", error=str(error))


def _so_far(text: str, now: float) -> tuple[float, int]:
    """When the present run of starts began, and how many there were; a new run where the last one is over."""
    first, _, times = text.partition(" ")
    try:
        began, count = float(first), int(times)
    except ValueError:
        return now, 0
    return (began, count) if 0.0 <= now - began < WITHIN_S else (now, 0)

"""The agent's store and delivery without a player: `python -m tests.crash.courier FOLDER URL PLAYS`.

Contract: appends PLAYS plays (six events, five of them messages) while the real worker delivers, says `kept SEQUENCE`
after each append, and ends once everything is delivered. Started again, it goes on where it was.
Rules: small enough to be killed hundreds of times; all parts are the agent's own.
"""

import random
import sys
import threading
import time
from pathlib import Path

from agent.delivery.connection import Connection
from agent.delivery.pace import Pace
from agent.delivery.worker import Order, Worker
from agent.outbox.owing import GROUP
from agent.runtime.clock import SystemClock
from agent.sinks.http.client import Timeouts, Wire
from agent.sinks.kaltura.sessions import NoSession
from agent.sinks.kaltura.sink import NAME, CollectSettings, StatsCollect
from tests.support.outbox import open_outbox
from tools.bench.drainer import MESSAGES_A_PLAY, backlog

BATCH = 10
SILENT = 6
"""Of each six events the last is no message."""


def main(folder: Path, url: str, plays: int) -> None:
    """Append and deliver."""
    clock = SystemClock()
    outbox = open_outbox(folder)
    outbox.register(NAME)
    outbox.owing.allow(GROUP)  # as an agent does that groups what it writes
    # So patient that a busy machine loses no answer: only a kill does.
    wire = Wire(user_agent="kiosk", monotonic=time.monotonic, timeouts=Timeouts(30.0, 60.0, 60.0), proxy="")
    sink = StatsCollect(CollectSettings(url, client_tag="kiosk", batch=BATCH), wire, session=NoSession())
    worker = Worker(outbox, Order(Connection(sink), Pace(rate=0)), clock, chance=random.random)
    thread = threading.Thread(target=worker.run, name="deliver", daemon=True)
    thread.start()
    for record in list(backlog(outbox.generation, clock.now(), MESSAGES_A_PLAY * plays))[outbox.newest :]:
        print("kept", outbox.append([record], states={"words": str(outbox.newest + 1)}).last, flush=True)
        worker.wake()
    while thread.is_alive() and outbox.position(NAME)[0].sequence < outbox.newest:
        time.sleep(0.005)  # between two looks; the end is waited for
    worker.stop()
    thread.join()
    outbox.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))

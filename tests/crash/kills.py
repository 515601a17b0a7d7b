"""Killing the courier at a step, and judging what reached the collector.

Contract: `Killing.cycle` lives until the step or to the end; `Killing.examine` compares, once all is delivered.
Rules: nothing missing, nothing out of order; a message comes again only if it was in doubt when the process died (it
was sent, and its answer was lost or not yet settled), and then with the identity that it had.
"""

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.crash import recording
from tests.crash.courier import BATCH, SILENT
from tests.support.outbox import open_outbox
from tools.standin.server import Collector
from tools.standin.wire import Request

TOKEN = re.compile(rb"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-(\d+)-(\d+)")

IN_DOUBT_AT_MOST = 3 * BATCH
"""Messages that a process may have sent and not settled. A settlement that waits for the next append is allowed for."""


def steps(port: int, count: int) -> dict[str, str]:
    """Each named step, the `count`-th time that it comes (see recorder.c)."""
    heard = f"recv|:{port}|{1 + count % 3}|after|"
    return {
        "before an append's write": f"write|store.db-wal|{count}|before|",
        "after an append's write": f"write|store.db-wal|{count}|after|",
        "before a commit is durable": f"datasync|store.db-wal|{1 + count // 8}|before|",
        "after a commit is durable": f"datasync|store.db-wal|{1 + count // 8}|after|",
        "in a checkpoint of the log": f"write|store.db|{1 + count // 3}|before|",
        "at a checkpoint's end": "datasync|store.db|1|after|",
        "before a send": f"send|:{port}|{1 + count // 4}|before|",
        "after a send": f"send|:{port}|{1 + count // 4}|after|",
        "answer heard, not settled": heard,
        "in a settlement": f"{heard};write|store.db-wal|{1 + count % 5}|after|",
        "before a settlement is durable": f"{heard};datasync|store.db-wal|1|before|",
        "after a settlement": f"{heard};datasync|store.db-wal|1|after|",
    }


@dataclass(slots=True)
class Killing:
    """`reached`: how often each step was. `plays`: ordered so far. `kept`: the last sequence that was acknowledged."""

    folder: Path
    collector: Collector
    reached: Counter[str] = field(default_factory=Counter)
    plays: int = 0
    kept: int = 0

    def cycle(self, name: str, kill: str, *, plays: int = 2) -> None:
        """A life with some plays more; `kill` may not come to pass, and then it ends in good order."""
        self.plays += plays
        environment = recording.environment(self.folder, kill=kill)
        arguments = [str(self.folder), self.collector.url, str(self.plays)]
        program = [sys.executable, "-m", "tests.crash.courier", *arguments]
        done = subprocess.run(program, env=environment, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode in (0, -9), done.stderr
        self.reached[name if done.returncode else "to the end"] += 1
        # A last line without an end was cut off by the kill; what it says had been kept all the same.
        said = [int(line.split()[1]) for line in done.stdout.split("\n")[:-1] if line.startswith("kept")]
        assert not said or said == list(range(said[0], said[-1] + 1))
        # More where a life was cut off between the commit of its first append and saying so.
        assert not said or said[0] > self.kept, "a sequence was given twice"
        self.kept = max([self.kept, *said])

    def examine(self) -> int:
        """All lives, after one that ended in good order; how many messages came again."""
        outbox = open_outbox(self.folder)
        account = outbox.statistics()
        outbox.close()
        assert account.newest >= self.kept, "an acknowledged event is gone"
        assert account.newest == 6 * self.plays
        logged = [_identity(event["_request"]["eventId"]) for event in self.collector.events]
        expected = [number for number in range(1, account.newest + 1) if number % SILENT]
        assert expected == [number for _, number in logged], "something is missing, doubled or out of order"
        assert 1 == len({generation for generation, _ in logged}), "an identity changed"
        deaths = self.reached.total() - self.reached["to the end"]
        return repeats(self.collector.requests, deaths=deaths)


def repeats(requests: Sequence[Request], *, deaths: int) -> int:
    """How many messages came again. Each time it must have been what was in doubt at a death, and no more.

    Told from the order alone: what a process sent in its last moment may be read after the next one has started.
    """
    sent: list[tuple[str, int]] = []
    again = backwards = 0
    for request in requests:
        found = identities(request)
        assert found == sorted(set(found)), "a request has something twice, or out of order"
        if sent and found and found[0] <= sent[-1]:
            backwards += 1
            at = sent.index(found[0])
            doubt = sent[at:]
            assert doubt == found[: len(doubt)] or found == doubt[: len(found)], "what came again was not in doubt"
            assert len(doubt) <= IN_DOUBT_AT_MOST
            again += len(doubt)
            del sent[at:]
        sent += found
    assert backwards <= deaths, "something was sent again without a death"
    return again


def identities(request: Request) -> list[tuple[str, int]]:
    """The messages of a request: generation and sequence, each once."""
    found = [_identity(token[0].decode()) for token in TOKEN.finditer(request.body + request.target.encode())]
    return list(dict.fromkeys(found))


def _identity(token: str) -> tuple[str, int]:
    generation, sequence, _ = token.rsplit("-", 2)
    return generation, int(sequence)

"""Years in minutes: thousands of items, hundreds of reconnects and reconfigurations, and nothing grows.

A real agent with real libvlc plays items of half a second, a real broker goes away and comes back, documents change the
list, the collector goes away and comes back. What is measured is the agent's process: its memory (medians of the two
halves after a warm-up), its open files, its threads, its database and its log.
"""

import itertools
import json
import os
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from agent.remote.topics import Fleet
from tests.support import media
from tests.support.kiosks import Clip
from tests.support.steered import Steered, steered
from tools.standin.server import Collector

PROGRAM = Path(__file__).parents[1] / "support" / "compressed_agent.py"
# The caches of Python and of SQLite, the last lines of the log, the opinions on the last documents: all bounded, and
# full after this part of the time.
WARM_UP = 0.4
# The two halves after it last as long: a leak of two kibibytes an item would be above this in the long run.
MOST_GROWTH_BYTES = 1.5 * 1024 * 1024
# libvlc in the player's process: its heap breathes with each film.
MOST_GROWTH_OF_PLAYER_BYTES = 12 * 1024 * 1024
# The queue is empty again and again: the file holds its first pages, its WAL is cut.
MOST_DATABASE_BYTES = 2 * 1024 * 1024
# Of a socket that is being answered, or dialled, when we look.
PASSING_BY = 3
LOOKS = 8
# Between the medians of the halves: whether a connection is kept at the moment is chance; a leak is one a deed.
MOST_MORE = 1


@dataclass
class Book:
    """What was seen. `rss`, `player`, `database`: bytes; `descriptors`, `threads`: with everything connected.

    `deeds`: how often what was done.
    """

    rss: list[int] = field(default_factory=list)
    player: list[int] = field(default_factory=list)
    deeds: Counter[str] = field(default_factory=Counter)
    descriptors: list[int] = field(default_factory=list)
    threads: list[int] = field(default_factory=list)
    database: list[int] = field(default_factory=list)

    def look(self, status: dict[str, Any], state: Path) -> None:
        """Write down how the processes are."""
        proc = Path(f"/proc/{status['pid']}")
        self.rss.append(resident(proc))
        self.player.append(resident(Path(f"/proc/{status['player']['host']['pid']}")))
        self.descriptors.append(fewest(proc / "fd"))
        self.threads.append(fewest(proc / "task"))
        self.database.append(sum(path.stat().st_size for path in state.glob("store.db*")))


def resident(proc: Path) -> int:
    """Bytes."""
    return int((proc / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def fewest(folder: Path) -> int:
    """How many there are when nobody is being answered: the last of a few looks may meet our own question's socket."""
    counts = []
    for _ in range(LOOKS):
        counts.append(len(list(folder.iterdir())))
        time.sleep(0.05)  # between two looks
    return min(counts)


def halves(numbers: Sequence[int]) -> tuple[float, float]:
    """The medians of the two halves after the warm-up."""
    warm = numbers[int(len(numbers) * WARM_UP) :]
    return statistics.median(warm[: len(warm) // 2]), statistics.median(warm[len(warm) // 2 :])


def clips() -> list[Clip]:
    """Half a second each: a film with sound, one without, a sound, a picture, one without an entry."""
    return [
        Clip(media.clip(0.5), "0_film0001"),
        Clip(media.silent_clip(0.5), "0_silent01"),
        Clip(media.tone(0.5), "0_sound001"),
        Clip(media.image(), "0_image001", "duration_s = 0.5"),
        Clip(media.silent_clip(0.4), None),
    ]


def document(revision: int) -> dict[str, Any]:
    """Another list, volume, pace and shuffle each time; all of it live."""
    items = [{"uri": clip.path.as_uri(), "entry_id": clip.entry_id or "0_other001"} for clip in clips()]
    count = 3 + revision % (len(items) - 2)
    return {
        "player": {"volume": 50 + revision % 50, "shuffle": revision % 2 == 0, "playlist": items[:count]},
        "kaltura": {"backlog": {"rate": 50.0 + revision % 7}},
    }


def start(kiosk: Steered) -> None:
    """Start the agent whose broker is tried again at once."""
    agent = kiosk.agent
    command = [sys.executable, str(PROGRAM), "run", "--config", str(agent.config), "--state-dir", str(agent.state)]
    environment = {**os.environ, "DISPLAY": "", "WAYLAND_DISPLAY": "", "PYTHONPATH": str(Path(__file__).parents[2])}
    with agent.log.open("ab") as out:
        agent._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=environment)


def soak(kiosk: Steered, collector: Collector, seconds: float, deeds: int) -> Book:
    """Let happen what happens in years, for `seconds`, and each of it `deeds` times at least."""
    book = Book()
    until = time.monotonic() + seconds
    for cycle in itertools.count():
        if time.monotonic() > until and cycle >= 3 * deeds:
            break
        match cycle % 3:
            case 0:
                kiosk.broker.stop()
                kiosk.agent.wait(lambda status: not status["remote"]["online"])
                kiosk.broker.start()
                book.deeds["broker"] += 1
            case 1:
                book.deeds["documents"] += 1
                kiosk.operator.publish(Fleet(), book.deeds["documents"], document(book.deeds["documents"]))
                kiosk.applied("fleet", book.deeds["documents"])
            case _:
                collector.take_away()
                kiosk.agent.wait(lambda status: status["sinks"][0]["state"] == "waiting")
                collector.bring_back()
                book.deeds["collector"] += 1
        book.look(kiosk.agent.wait(at_rest), kiosk.agent.state)
    return book


def at_rest(status: dict[str, Any]) -> bool:
    """Connected with all, and delivering live."""
    is_connected = status["remote"]["online"] and status["player"]["host"]["running"]
    return bool(is_connected) and status["sinks"][0]["cause"] is None and status["queue"]["events"] < 20


def lines(kiosk: Steered) -> Counter[str]:
    """What stands in the log, by event."""
    said = kiosk.agent.log.read_text().splitlines()
    return Counter(json.loads(line)["event"] for line in said if line.startswith("{"))


def quiet(kiosk: Steered) -> tuple[int, int]:
    """Items played while nothing happens, and lines that were logged meanwhile."""
    first = kiosk.agent.wait(lambda status: at_rest(status) and status["player"]["sessions"] >= 3)["player"]["sessions"]
    before = lines(kiosk).total()
    last = kiosk.agent.wait(lambda status: status["player"]["sessions"] >= first + 20)["player"]["sessions"]
    return last - first, lines(kiosk).total() - before


@pytest.mark.parametrize(
    ("seconds", "items", "deeds"),
    [
        pytest.param(75, 40, 5, marks=[pytest.mark.all, pytest.mark.timeout(1200)], id="a minute"),
        pytest.param(1200, 2000, 100, marks=[pytest.mark.long, pytest.mark.timeout(2400)], id="twenty minutes"),
    ],
)
def test_nothing_grows_over_what_happens_in_years(tmp_path: Path, seconds: float, items: int, deeds: int) -> None:
    """A kiosk that has to be restarted once a month is one that somebody has to drive to."""
    player = "loop = true\nimage_duration_s = 0.5"
    with Collector() as collector, steered(tmp_path, collector, clips(), player=player) as kiosk:
        start(kiosk)
        played, said = quiet(kiosk)
        book = soak(kiosk, collector, seconds, deeds)
        status = kiosk.agent.wait(lambda status: at_rest(status) and status["player"]["sessions"] >= items)
        told = lines(kiosk)
        print(json.dumps({"items": status["player"]["sessions"], "deeds": book.deeds, "log": told, "quiet": said}))
        for name in ("rss", "player", "descriptors", "threads", "database"):
            seen = getattr(book, name)
            print(name, "halves", *halves(seen), "least", min(seen), "most", max(seen))

        before, after = halves(book.rss)
        assert after - before <= MOST_GROWTH_BYTES, book.rss
        before, after = halves(book.player)
        assert after - before <= MOST_GROWTH_OF_PLAYER_BYTES, book.player
        for numbers in (book.descriptors, book.threads):
            before, after = halves(numbers)
            assert after - before <= MOST_MORE, numbers
            assert max(numbers) <= after + PASSING_BY, numbers
        assert max(book.database) <= MOST_DATABASE_BYTES

        # From one item to the next nothing is logged: what is, tells of something that happened, once each time.
        assert said <= played // 10, told
        # Once for each cause: that the connection is lost, and that nobody listens.
        assert told["no broker"] <= 2 * book.deeds["broker"]
        assert told["broker reached again"] <= book.deeds["broker"]
        assert (
            told["delivery waiting"] == told["delivery goes on"] <= book.deeds["collector"] + book.deeds["broker"] // 10
        )
        happened = 3 * book.deeds["broker"] + 4 * book.deeds["documents"] + 2 * book.deeds["collector"]
        assert told.total() <= happened + 20, told
        assert status["queue"]["balanced"], status["sinks"]
        assert 0 == kiosk.agent.end()

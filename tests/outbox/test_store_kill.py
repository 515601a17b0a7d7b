"""SIGKILL at any moment: what was acknowledged is there afterwards, in order, once."""

import subprocess
import sys
import textwrap
from pathlib import Path
from random import Random

import pytest

from tests.support.outbox import open_outbox

WRITER = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from agent.kernel.records import Cursor
    from tests.support.outbox import a_record, open_outbox

    outbox = open_outbox(Path(sys.argv[1]))
    outbox.register("stats.collect")
    print("open", flush=True)
    number = int(outbox.state("written") or 0)
    settled, _ = outbox.position("stats.collect")
    while True:
        number += 1
        outbox.append([a_record(f"{number}.{part}") for part in range(2)], states={"written": str(number)})
        print("appended", number, flush=True)
        for event in outbox.peek("stats.collect", 1):
            outbox.settle("stats.collect", Cursor(event.sequence), projection=event.body, delivered=1)
            print("settled", event.sequence, flush=True)
    """
)


def live_until_killed(folder: Path, lines: int) -> list[str]:
    """Run the writer, let it say `lines` things, kill it; everything that it said before it died."""
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(folder)], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    said = [writer.stdout.readline().strip() for _ in range(lines)]
    writer.kill()
    rest = writer.stdout.read()
    writer.wait()
    writer.stdout.close()
    # A last line without an end was cut off by the kill; the work before it was done all the same.
    return said + rest.split("\n")[:-1]


def examine(folder: Path, said: list[str]) -> None:
    """The store after a kill against what the writer had said."""
    outbox = open_outbox(folder)
    appended = [int(line.split()[1]) for line in said if line.startswith("appended")]
    settled = [int(line.split()[1]) for line in said if line.startswith("settled")]
    written = int(outbox.state("written") or 0)
    cursor, projection = outbox.position("stats.collect")
    bodies = [event.body for event in outbox.events(after=cursor.sequence, limit=100_000)]
    figures = outbox.statistics()
    outbox.close()
    everything = [f"{number}.{part}" for number in range(1, written + 1) for part in range(2)]
    # At most the one append, and the one settlement, that was under way is unacknowledged and there.
    assert (appended or [written])[-1] <= written <= (appended or [written])[-1] + 1
    assert (settled or [cursor.sequence])[-1] <= cursor.sequence <= (settled or [cursor.sequence])[-1] + 1
    assert everything[cursor.sequence :] == bodies
    assert cursor.sequence == figures.sinks[0].delivered
    assert (everything[cursor.sequence - 1] if cursor.sequence else "") == projection


def kill_often(folder: Path, times: int) -> None:
    """Kill one store's writer again and again, at moments drawn from a fixed seed."""
    random = Random(2026)
    for _ in range(times):
        examine(folder, live_until_killed(folder, random.randint(1, 60)))


@pytest.mark.timeout(900)
def test_a_writer_killed_at_random_moments_keeps_what_it_acknowledged(tmp_path: Path) -> None:
    """SIGKILL and power cuts are a kiosk's normal shutdown."""
    kill_often(tmp_path, 25)


@pytest.mark.all
@pytest.mark.timeout(1800)
def test_a_writer_killed_hundreds_of_times_keeps_what_it_acknowledged(tmp_path: Path) -> None:
    """What happens once in a hundred restarts happens every day in a fleet."""
    kill_often(tmp_path, 300)

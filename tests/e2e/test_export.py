"""The way of a stick, by real processes: from a kiosk that plays, through kills, to the collector."""

import json
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agent.kernel.records import Cursor
from agent.outbox.bounds import Bounds
from agent.outbox.store import Outbox
from tests.support import media
from tests.support.carrying import SINK, many
from tests.support.kiosks import PATIENCE_S, PLAYED, Clip, Kiosk, is_over, stories, tokens
from tools.standin.server import Collector

pytestmark = [pytest.mark.all, pytest.mark.timeout(900)]

NOBODY = "http://127.0.0.1:9"


def command(*arguments: str) -> list[str]:
    """`kiosk-agent queue …`."""
    return [sys.executable, "-m", "agent.cli.main", "queue", *arguments]


def done(*arguments: str) -> str:
    """The command's output, once it has ended well."""
    result = subprocess.run(command(*arguments), capture_output=True, text=True, timeout=600, check=False)
    assert 0 == result.returncode, result.stdout + result.stderr
    return result.stdout


def export(state: Path, stick: Path) -> list[str]:
    """The arguments of an export."""
    return ["export", "--to", str(stick), "--plain", "--json", "--state-dir", str(state)]


def bring(file: Path, office: Path, url: str) -> list[str]:
    """The arguments of an import."""
    config = office.with_suffix(".toml")
    config.write_text(
        f'[kaltura]\nservice_url = "{url}"\npartner_id = 102\nproxy = "none"\n[kaltura.backlog]\nrate = 0\n'
    )
    return ["import", str(file), "--json", "--config", str(config), "--state-dir", str(office), "--patience", "60"]


def test_kiosk_that_plays_on_hands_over_and_comes_online_after_all(tmp_path: Path) -> None:
    """The worst case for doubles: what is on the stick, and a kiosk that finds a network the same day."""
    stick = tmp_path / "stick"
    stick.mkdir()
    clips = [Clip(media.silent_clip(1.0), "0_abcd1234")]
    agent = Kiosk(tmp_path, NOBODY, clips)
    try:
        agent.start()
        agent.wait(lambda status: is_over(status) and status["queue"]["events"] >= len(PLAYED))
        agent.wait_written()
        (first,) = json.loads(done(*export(agent.state, stick)))["files"]
        agent.kill()
        with Collector() as collector:
            agent.config.write_text(agent.config.read_text().replace(NOBODY, collector.url))
            agent.start()
            agent.wait_idle()
            assert [] == json.loads(done(*export(agent.state, stick)))["files"]
            agent.end()
            own = tokens(collector.events)
            done(*bring(Path(first["file"]), tmp_path / "office", collector.url))
            done(*bring(Path(first["file"]), tmp_path / "office", collector.url))
            assert collector.wait_for(lambda events: len(events) > len(own), PATIENCE_S)
            arrived, told = tokens(collector.events), stories(collector.events)
    finally:
        agent.close()
    assert len(set(arrived)) == len(arrived)
    assert not set(own) & set(arrived[len(own) :])
    assert all(story == ("0_abcd1234", PLAYED) for story in told), told
    assert {"device-001"} == {each["referrer"].rpartition("/")[2] for each in collector.events}


def a_store(folder: Path, number: int) -> list[str]:
    """A kiosk's store with so many events; their identities in order."""
    bounds = Bounds(1024 * 1024 * 1024)
    outbox = Outbox.open(folder, device_id="device-001", hardware_key="board", bounds=bounds)
    outbox.register(SINK)
    records = list(many(number))
    for start in range(0, number, 1000):
        outbox.append(records[start : start + 1000])
    generation = outbox.generation
    outbox.settle(SINK, Cursor(0), projection="")
    outbox.close()
    return [f"{generation}-{sequence}" for sequence in range(1, number + 1)]


def killed(arguments: list[str], seconds: float) -> bool:
    """Start the command and kill it after so long; whether it was still alive then."""
    process = subprocess.Popen(command(*arguments), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return True
    return False


def test_kills_at_any_moment_of_both_ways_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    """A stick that is pulled, a laptop that is closed: each at a moment drawn from a fixed seed."""
    number = 10_000
    state, stick, office = tmp_path / "kiosk", tmp_path / "stick", tmp_path / "office"
    stick.mkdir()
    expected = a_store(state, number)
    randomly = random.Random(2026)
    hits = sum(killed(export(state, stick), randomly.uniform(0.3, 1.6)) for _ in range(15))
    left = json.loads(done(*export(state, stick)))["files"]
    files = sorted(stick.glob("*.kioskqueue"))
    assert 1 == len(files), "however often it was killed, it is one and the same export"
    assert len(left) <= 1
    with Collector() as collector:
        arguments = bring(files[0], office, collector.url)
        hits += sum(killed(arguments, randomly.uniform(0.5, 2.5)) for _ in range(10))
        done(*arguments)
        arrived = [token.rpartition("-")[0] for token in tokens(collector.events)]
    assert hits >= 5
    # What the collector's cache did not know again would stand there twice. A play's end is silent.
    assert [each for place, each in enumerate(expected, start=1) if place % 50] == arrived


def test_200_000_events_take_little_memory(tmp_path: Path) -> None:
    """A month offline, on a kiosk of 512 MB and an old laptop."""
    number = 200_000
    state, stick, office = tmp_path / "kiosk", tmp_path / "stick", tmp_path / "office"
    stick.mkdir()
    a_store(state, number)
    few = tmp_path / "few"
    a_store(few, 500)
    small = peak(export(few, stick))[0]
    (tmp_path / "large").mkdir()
    large, seconds = peak(export(state, tmp_path / "large"))
    (file,) = (tmp_path / "large").glob("*.kioskqueue")
    print(f"export of {number}: {large:.1f} MiB ({small:.1f} for 500), {seconds:.1f} s, {file.stat().st_size} bytes")
    assert large - small < 10
    (tiny,) = stick.glob("*.kioskqueue")
    small = peak([*bring(tiny, tmp_path / "office-few", NOBODY)[:-1], "0"], status=1)[0]
    large, seconds = peak([*bring(file, office, NOBODY)[:-1], "0"], status=1)
    print(f"import of {number}: {large:.1f} MiB ({small:.1f} for 500), {seconds:.1f} s")
    assert large - small < 10


MEASURED = """
import sys
from agent.cli.main import main
try:
    main()
finally:
    with open("/proc/self/status") as file:
        (line,) = (line for line in file if line.startswith("VmHWM"))
    print(line.split()[1], file=sys.stderr)
"""


def peak(arguments: list[str], *, status: int = 0) -> tuple[float, float]:
    """The largest memory of the command in MiB, and how long it took in seconds."""
    began = time.monotonic()
    process = subprocess.run(
        [sys.executable, "-c", MEASURED, "queue", *arguments], capture_output=True, text=True, timeout=600, check=False
    )
    assert status == process.returncode, process.stderr
    return int(process.stderr.split()[-1]) / 1024, time.monotonic() - began

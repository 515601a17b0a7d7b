"""A collector whose clock a test moves, and the command `verify` against it: half an hour passes at once."""

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agent.cli import verifying
from agent.cli.verify import verify
from tests.support.kaltura_client import event, post
from tools.standin.event import Event
from tools.standin.fixtures import Fixtures
from tools.standin.server import Collector

ENTRY = "0_verify01"
OTHER = "0_other001"
START = "/api_v3/service/session/action/start"
PLAYED = (1, 2, 3, 4, 5, 6, 7)


class MovedClock:
    """The service's time; `ahead` of this machine's by so many seconds at first.

    Never in the last minute of an hour: reports are asked by the hour, and a test's beginning must be in its window.
    """

    def __init__(self, *, ahead: float = 0.0) -> None:
        self.now = time.time() + ahead
        if self.now % 3600 > 3540:
            self.now += 61

    def __call__(self) -> float:
        return self.now


class Bench:
    """One kiosk's configuration, an operator's files, and what happens while the command waits."""

    def __init__(self, folder: Path, collector: Collector, clock: MovedClock) -> None:
        self.folder = folder
        self.collector = collector
        self.clock = clock
        self.pauses: list[float] = []
        self.meanwhile: Callable[[], None] = lambda: None
        self.config = folder / "agent.toml"
        self.configure()
        self.ks_file = folder / "ks"
        self.ks_file.write_text(self.session())

    def configure(self, more: str = "") -> None:
        """Write the kiosk's configuration; `more`: further lines of [kaltura]."""
        self.config.write_text(
            f'[device]\nid = "device-001"\n[kaltura]\nservice_url = "{self.collector.url}"\npartner_id = 102\n{more}\n'
        )

    def session(self, secret: str = "adminsecret102", more: str = "&type=2") -> str:
        """A session as an operator or a device has it."""
        return str(json.loads(post(self.collector, f"format=1&partnerId=102&secret={secret}{more}", START).text))

    def pause(self, seconds: float) -> None:
        """What `time.sleep` is to the command."""
        self.pauses.append(seconds)
        self.clock.now += seconds
        self.meanwhile()

    def played(self, entry: str) -> None:
        """Somebody else plays `entry`."""
        for kind in PLAYED:
            body = event(entryId=entry, eventType=str(kind), sessionId="visitor", __n=str(self.collector.total))
            assert "true" == post(self.collector, body).text

    def of_entry(self, entry: str = ENTRY) -> list[Event]:
        """What arrived of `entry`."""
        return [each for each in self.collector.events if each["entryId"] == entry]

    def run(self, *arguments: str, key: tuple[str, ...] | None = None) -> Result:
        """`kiosk-agent verify` with these arguments, the operator's session and this configuration."""
        asked = ("--ks-file", str(self.ks_file)) if key is None else key
        return CliRunner().invoke(verify, [*arguments, *asked, "--config", str(self.config)], catch_exceptions=False)


def benches(
    folder: Path, monkeypatch: pytest.MonkeyPatch, clock: MovedClock, fixtures: Fixtures | None = None
) -> Iterator[Bench]:
    """One bench; its events appear in reports after twenty minutes, and unsettled plays are kept in `folder/kept`."""
    kept = folder / "kept"
    kept.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(kept))
    with Collector(clock=clock, fixtures=fixtures) as collector:
        collector.reports.delay_s = 1200.0
        bench = Bench(folder, collector, clock)
        monkeypatch.setattr(verifying, "pause", bench.pause)
        yield bench

"""`kiosk-fleet status`, on a broker in memory."""

import json
from collections.abc import Callable

import pytest

from agent.remote.letters import Arrived
from tests.support.fleet import TOPICS, Exchange, Kiosk, MemoryDesk, run


@pytest.fixture
def exchange() -> Exchange:
    """Three devices, of which one is gone with a backlog."""
    exchange = Exchange()
    Kiosk(exchange, "dev-a")
    Kiosk(exchange, "dev-b", groups=["cellar"], online=False)
    exchange.tell(
        TOPICS.state("dev-b"), {**json.loads(exchange.retained[TOPICS.state("dev-b")]), "queue": {"depth": 7}}
    )
    Kiosk(exchange, "dev-c")
    return exchange


def ids(exchange: Exchange, monkeypatch: pytest.MonkeyPatch, *options: str) -> list[str]:
    found = json.loads(run(exchange, monkeypatch, "status", "--json", *options).stdout)
    assert found["ok"]
    return [each["id"] for each in found["devices"]]


def test_worst_device_stands_first_and_the_sum_below(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an operator looks at in the morning."""
    found = run(exchange, monkeypatch, "status")
    assert 0 == found.exit_code
    lines = found.stdout.splitlines()
    assert ["DEVICE", "dev-b", "dev-a", "dev-c"] == [line.split(" ")[0] for line in lines[:4]]
    assert "offline with 7 events to deliver" in lines[1]
    assert "3 devices, 2 online, 1 not, 1 with problems" == lines[-1]
    assert "\x1b" not in found.stdout


def test_devices_can_be_chosen(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of rows are too many for one person."""
    assert ["dev-b", "dev-a", "dev-c"] == ids(exchange, monkeypatch)
    assert ["dev-b"] == ids(exchange, monkeypatch, "--problems")
    assert ["dev-a", "dev-c"] == ids(exchange, monkeypatch, "--group", "lobby")
    assert [] == ids(exchange, monkeypatch, "--site", "Paris")
    assert ["dev-a", "dev-c"] == ids(exchange, monkeypatch, "--tag", "portrait", "--group", "lobby")


def test_empty_fleet_says_what_may_be_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong base, or an ACL that grants and delivers nothing, look exactly like this."""
    found = run(Exchange(), monkeypatch, "status")
    assert 0 == found.exit_code
    assert "Check --base" in found.stdout


def test_broker_that_is_down_ends_with_3_and_one_line(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    """No traceback, no retry for ever."""
    exchange.is_down = True
    found = run(exchange, monkeypatch, "status")
    assert (3, "") == (found.exit_code, found.stdout)
    assert found.stderr.startswith("Error: Nobody listens at")


def test_watch_shows_each_change_until_interrupted(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    """One JSON object a line, for whoever builds a dashboard in a shell."""
    happenings: list[Callable[[], object]] = [lambda: Kiosk(exchange, "dev-d"), lambda: None]

    class Watched(MemoryDesk):
        def receive(self, timeout: float) -> Arrived | None:
            if self._topics and not self._queue and timeout > 5:
                if not happenings:
                    raise KeyboardInterrupt
                happenings.pop(0)()
            return super().receive(timeout)

    def desk() -> MemoryDesk:
        exchange._desks.append(Watched(exchange))
        return exchange._desks[-1]

    exchange.desk = desk  # type: ignore[method-assign]
    found = run(exchange, monkeypatch, "status", "--watch", "--json")
    assert 0 == found.exit_code
    looks = [json.loads(line) for line in found.stdout.splitlines()]
    sizes = [len(each["devices"]) for each in looks]
    assert (3, 4) == (sizes[0], sizes[-1])

"""The broker's side, put together without an agent round it."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agent.config.files import Loaded
from agent.kernel.instants import Instant
from agent.remote.letters import Letter
from agent.runtime import logs
from agent.runtime.commanding.hands import Hands
from agent.runtime.steering.begin import begin
from agent.runtime.steering.build import Around, Steering
from tests.support.commands import Bench
from tests.support.configuration import SMALLEST, write
from tests.support.helm import REMOTE
from tests.support.outbox import an_instant

PASSWORD = "correct-horse-battery"


@pytest.fixture(autouse=True)
def knowing_nothing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What one test hides, the next one must not know."""
    monkeypatch.setattr(logs, "_known", ())
    yield


def built(folder: Path) -> Steering:
    """Nothing of it is started; no broker is asked for anything."""
    (folder / "password").write_text(PASSWORD)
    text = REMOTE.replace("[remote]\n", '[remote]\npassword_file = "password"\n') + SMALLEST
    begun = begin(write(folder, text), folder, an_instant())
    begun.keep()
    player = SimpleNamespace(status=SimpleNamespace(ready=True, run=1, losses=0))
    silent: Any = SimpleNamespace(
        standings=tuple, up=lambda _: False, works=lambda _: False, probe=lambda *_: None, answers=lambda _: 0
    )
    hands: Hands = Bench(folder / "nothing").commander._hands

    def apply(_loaded: Loaded, _now: Instant) -> frozenset[str]:
        return frozenset()

    def put(_letter: Letter) -> None:
        """Nobody listens."""

    def status() -> Mapping[str, Any]:
        return {}

    clock: Any = SimpleNamespace(now=an_instant)
    supervisor: Any = player
    around = Around(clock, folder, silent, supervisor, put, apply, status, lambda _refresh: hands)
    return Steering(begun, around)


def test_status_says_how_the_broker_and_the_documents_stand(tmp_path: Path) -> None:
    """What somebody at the machine is asked for on the telephone."""
    status = built(tmp_path).status(an_instant())
    assert json.dumps(status)
    assert ("mqtt://broker.example.com", False, "unreachable") == tuple(
        status[key] for key in ("url", "online", "trouble")
    )
    assert "kaltura.service_url" in status["config"]["allow"]
    assert {"fleet", "group/lobby", "device/device-001"} == set(status["config"]["levels"])


def test_one_thread_is_to_be_run_and_it_ends_when_told(tmp_path: Path) -> None:
    """A stop waits for no network."""
    steering = built(tmp_path)
    ((name, body),) = steering.threads
    steering.stop()
    body()
    assert "broker" == name


def test_password_is_known_to_the_log_before_the_broker_hears_it(tmp_path: Path) -> None:
    """Whatever quotes it, a library or a broker's own words, it stands in no line."""
    steering = built(tmp_path)
    assert PASSWORD in logs.without_secrets(PASSWORD)
    terms = steering._terms(1)
    assert PASSWORD not in logs.without_secrets(f"refused: {PASSWORD}")
    assert terms.will is not None
    assert PASSWORD not in str(terms)


def test_password_file_that_is_gone_keeps_nobody_from_trying(tmp_path: Path) -> None:
    """The connection itself says what is missing."""
    steering = built(tmp_path)
    (tmp_path / "password").unlink()
    assert steering._terms(1).will is not None


def test_step_is_due_only_where_something_is(tmp_path: Path) -> None:
    """Nothing was heard, nothing is on trial."""
    steering = built(tmp_path)
    steering.step([], an_instant())
    assert steering.deadline is None

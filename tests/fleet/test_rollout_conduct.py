"""The road of a rollout, with a broker in memory; with a real one and real devices: tests/fleet/test_rollout.py."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent.fleet.console import Console
from agent.fleet.desk import UnreachableError
from agent.remote.line import Outgoing
from agent.remote.topics import Device
from tests.support.fleet import TOPICS, Exchange, Kiosk, birth, run, will

IDS = [f"dev-{number}" for number in range(6)]


@pytest.fixture
def exchange(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Exchange:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "change.toml").write_text("[player]\nvolume = 30\n")
    return Exchange()


def rolled(exchange: Exchange, folder: Path, monkeypatch: pytest.MonkeyPatch, *words: str) -> dict[str, Any]:
    """The answer of `kiosk-fleet rollout`, with its exit status."""
    what = words if "--abort" in words or "--resume" in words else (str(folder / "change.toml"), *words)
    done = run(exchange, monkeypatch, "rollout", *what, "--all", "--yes", "--json")
    return {**json.loads(done.stdout), "status": done.exit_code}


def desired(exchange: Exchange, level: str) -> dict[str, Any] | None:
    payload = exchange.retained.get(f"kiosk/v1/{level}/desired")
    return None if payload is None else json.loads(payload)


def tops(exchange: Exchange) -> list[str]:
    """What was published for devices, in order."""
    return [
        message.topic.removeprefix("kiosk/v1/").removesuffix("/desired")
        for message in exchange.published
        if message.topic.endswith("/desired")
    ]


def test_stages_come_one_after_the_other_and_the_devices_own_documents_are_emptied_again(
    exchange: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """First some devices alone, then the fleet, then nothing is left of the way there."""
    for id in IDS:
        Kiosk(exchange, id)
    found = rolled(exchange, tmp_path, monkeypatch, "--stages", "1,3,100%")
    assert (0, [1, 2, 3], {"healthy": 6}) == (found["status"], found["stages"], found["counts"])
    order = tops(exchange)
    assert (3, 1, 3) == (order.index("fleet"), order.count("fleet"), len(order) - 1 - order.index("fleet"))
    assert order[:3] == order[4:]
    assert {"volume": 30} == (desired(exchange, "fleet") or {})["config"]["player"]
    assert [{}] * 3 == [(desired(exchange, each) or {})["config"] for each in order[:3]]
    assert not [topic for topic in exchange.retained if "/rollout/" in topic]


@pytest.mark.parametrize("manner", ["refuses", "returns", "ignores", "trial"])
def test_canary_that_does_not_take_it_ends_the_rollout(
    exchange: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, manner: str
) -> None:
    """Nobody else is touched, and the canary has what it had."""
    for id in IDS:
        Kiosk(exchange, id, manner=manner)
    found = rolled(exchange, tmp_path, monkeypatch, "--canary", "1")
    assert (1, 1) == (found["status"], len(found["failed"]))
    (canary,) = found["failed"]
    assert [f"device/{canary}"] * 2 == tops(exchange)
    assert {} == (desired(exchange, f"device/{canary}") or {})["config"]


def test_device_that_goes_silent_while_it_is_watched_is_given_its_time(
    exchange: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line that blinks is no harm; one that stays away is."""
    kiosks = {id: Kiosk(exchange, id) for id in IDS}
    gone: list[str] = []

    def leave(message: Outgoing) -> None:
        if message.topic.endswith("/desired") and "/device/" in message.topic and not gone:
            (id,) = (id for id in kiosks if f"/{id}/" in message.topic)
            gone.append(id)
            exchange.tell(TOPICS.presence(id), will())

    exchange.hooks.append(leave)
    found = rolled(exchange, tmp_path, monkeypatch, "--canary", "1", "--silent-after", "30")
    assert (1, {gone[0]: "silent"}) == (
        found["status"],
        {id: each["health"] for id, each in found["failed"].items()},
    )
    exchange.tell(TOPICS.presence(gone[0]), birth(13))


def test_devices_that_are_away_are_not_counted_and_get_it_with_the_last_stage(
    exchange: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kiosk that is switched off for the winter must not hold up a rollout."""
    for number, id in enumerate(IDS):
        Kiosk(exchange, id, online=number < 4)
    found = rolled(exchange, tmp_path, monkeypatch, "--canary", "50%")
    assert (0, [2, 2]) == (found["status"], found["stages"])


def test_rollout_without_anybody_there_is_refused(
    exchange: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody could say that it does no harm."""
    Kiosk(exchange, "dev-0", online=False)
    found = rolled(exchange, tmp_path, monkeypatch)
    assert (2, True) == (found["status"], "online" in found["error"]["text"])


def test_abort_and_resume_without_a_rollout_say_so(
    exchange: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else has ended it already."""
    for word in ("--abort", "--resume"):
        found = rolled(exchange, tmp_path, monkeypatch, word)
        assert (2, True) == (found["status"], "was cut off" in found["error"]["text"])


@pytest.mark.parametrize(("error", "status"), [(UnreachableError("The line is dead."), 3), (KeyboardInterrupt(), 1)])
def test_rollout_that_is_broken_off_says_how_to_go_on(
    exchange: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, status: int
) -> None:
    """The network of the operator's desk, or Ctrl-C: the canaries have the change and somebody must decide."""
    for id in IDS:
        Kiosk(exchange, id)

    def fail(message: Outgoing) -> None:
        if message.topic.endswith("/desired"):
            raise error

    exchange.hooks.append(fail)
    done = run(exchange, monkeypatch, "rollout", str(tmp_path / "change.toml"), "--all", "--yes")
    assert (status, True) == (done.exit_code, "--resume" in done.stderr)
    exchange.hooks.remove(fail)
    assert 0 == rolled(exchange, tmp_path, monkeypatch, "--resume")["status"]


def test_kiosk_that_goes_while_the_person_thinks_is_seen_to_be_gone(
    exchange: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They may think for half an hour; the connection must live, and what was online then may not be now."""

    def think(_console: Console, _question: str, *, meanwhile: Callable[[], object]) -> None:
        exchange.tell(TOPICS.presence("dev-5"), will())
        for _ in range(20):
            meanwhile()

    for id in IDS:
        Kiosk(exchange, id)
    monkeypatch.setattr(Console, "confirm", think)
    options = ("--all", "--stages", "100%", "--success", "80%", "--json")
    done = run(exchange, monkeypatch, "rollout", str(tmp_path / "change.toml"), *options)
    found = json.loads(done.stdout)
    assert (0, 5, ["dev-5"]) == (done.exit_code, found["counts"]["healthy"], list(found["failed"]))


class Killed(BaseException):
    """As SIGKILL: nobody gets to do anything more."""


OWN = {"dev-1": {"log": {"level": "debug"}}, "dev-4": {"player": {"volume": 70}}}


def killed_after(number: int, folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Exchange, bool]:
    """A rollout whose program dies with its `number`-th message; whether it was not over by then."""
    exchange = Exchange()
    monkeypatch.setenv("XDG_STATE_HOME", str(folder / f"state-{number}"))
    exchange.tell("kiosk/v1/fleet/desired", {"revision": 3, "config": {"player": {"volume": 50}}})
    for id, tree in OWN.items():
        exchange.tell(TOPICS.desired(Device(id)), {"revision": 7, "config": tree, "groups": ["lobby"], "note": "mine"})
    for id in IDS:
        kiosk = Kiosk(exchange, id)
        kiosk.take("fleet", 3)
        if id in OWN:
            kiosk.take(f"device/{id}", 7)
    begun = len(exchange.published)

    def kill(message: Outgoing) -> None:
        is_ours = not message.topic.endswith(("/state", "/presence"))
        if is_ours and sum(not each.topic.endswith("/state") for each in exchange.published[begun:]) == number:
            raise Killed

    exchange.hooks.append(kill)
    try:
        rolled(exchange, folder, monkeypatch, "--stages", "2,4,100%")
    except Killed:
        exchange.hooks.remove(kill)
        return exchange, True
    return exchange, False


@pytest.mark.all
@pytest.mark.parametrize("word", ["--abort", "--resume"])
def test_program_may_die_with_any_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    """Whatever is half done is completed or put back, and what devices had of their own is as it was."""
    (tmp_path / "change.toml").write_text("[player]\nvolume = 30\n")
    ends = set()
    for number in range(1, 200):
        exchange, is_open = killed_after(number, tmp_path, monkeypatch)
        if not is_open:
            break
        found = rolled(exchange, tmp_path, monkeypatch, word)
        volume = (desired(exchange, "fleet") or {})["config"]["player"]["volume"]
        ends.add((found["status"], volume))
        for id in IDS:
            kept = desired(exchange, f"device/{id}")
            tree, groups = (OWN[id], ["lobby"]) if id in OWN else ({}, None)
            assert kept is None or (tree, groups) == (kept["config"], kept.get("groups")), (number, id)
        assert not [topic for topic in exchange.retained if "/rollout/" in topic], number
    assert 25 < number < 199
    # A rollout that had reached all has nothing to be put back any more.
    assert ({(1, 50), (0, 30)} if word == "--abort" else {(0, 30)}) == ends


@pytest.mark.parametrize(
    "words", [("--canary", "1", "--stages", "5%"), ("--stages", "9%,5%"), ("--success", "3"), ("--canary", "0%")]
)
def test_order_that_makes_no_sense_is_refused(
    exchange: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    """Before the broker is asked for anything."""
    assert 2 == rolled(exchange, tmp_path, monkeypatch, *words)["status"]
    assert [] == exchange.published

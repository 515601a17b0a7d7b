"""SIGKILL between any two steps of a command's life: executed at most once, and answered in the end."""

import json
import multiprocessing
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent.remote import durable
from agent.remote.line import Outgoing
from tests.support.commands import Bench, ordered

# Far more than there are; the count ends where a process lives to its end.
MOST_STEPS = 200
COMMANDS = {"instant": "refresh", "seen later": "pause", "with data": "diagnostics"}


class World:
    """What is outside of the process and survives it: the broker, the operator, the screen. One line each a fact."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def note(self, what: str, text: str = "") -> None:
        with (self.folder / what).open("a") as file:
            file.write(f"{text}\n")

    def noted(self, what: str) -> list[str]:
        path = self.folder / what
        return path.read_text().splitlines() if path.exists() else []


class Fate:
    """Kills the process at its `last` step."""

    def __init__(self, last: int | None) -> None:
        self.left = last

    def step(self) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def around(self, action: Callable[..., Any]) -> Callable[..., Any]:
        """`action`, with a step before and after it."""

        def act(*arguments: Any, **more: Any) -> Any:
            self.step()
            found = action(*arguments, **more)
            self.step()
            return found

        return act


def live(folder: Path, command: str, last: int | None) -> None:
    """One life of the agent: takes the command if the broker still has it, executes and answers it."""
    world, fate = World(folder), Fate(last)
    bench = Bench(folder, online=False)
    durable.os.fsync = fate.around(os.fsync)  # type: ignore[attr-defined]
    Path.replace = fate.around(Path.replace)  # type: ignore[method-assign]

    def publish(message: Outgoing) -> None:
        world.note("answers", json.loads(message.payload)["status"])

    def execute(*_: object) -> dict[str, Any]:
        world.note("executed")
        return {}

    hands = bench.commander._hands
    made = {name: fate.around(execute) for name in ("refresh", "obey", "diagnostics")}
    bench.commander._hands = type(hands)(
        **{name: made.get(name, getattr(hands, name)) for name in type(hands).__dataclass_fields__}
    )
    bench.line.publish = fate.around(publish)  # type: ignore[method-assign]
    bench.line.acknowledge = fate.around(lambda *_: world.note("acknowledged"))  # type: ignore[method-assign]
    bench.commander.online(bench.now, resumed=True)
    if not world.noted("acknowledged"):
        bench.take(ordered(command, expires=bench.now.wall + 60))
    fate.step()
    bench.see(paused=True)
    fate.step()


def died(folder: Path, command: str, last: int | None) -> bool:
    """Whether a life with that end was killed; it may have failed in no other way."""
    process = multiprocessing.get_context("fork").Process(target=live, args=(folder, command, last))
    process.start()
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode != 0


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_command_killed_at_any_step_is_executed_once_at_most_and_answered(tmp_path: Path, command: str) -> None:
    """A power cut chooses its moment; "next" twice is an advertiser's film that nobody saw."""
    outcomes: set[tuple[int, str]] = set()
    for last in range(1, MOST_STEPS):
        folder = tmp_path / str(last)
        folder.mkdir()
        world = World(folder)
        was_killed = died(folder, command, last)
        assert not died(folder, command, None)
        final = {status for status in world.noted("answers") if status != "accepted"}
        assert world.noted("acknowledged"), "the broker would give it again for ever"
        assert 1 == len(final), f"killed at step {last}: answers {world.noted('answers')}"
        assert len(world.noted("executed")) <= 1, f"killed at step {last}"
        assert "failed" in final or world.noted("executed"), "done is done"
        outcomes.add((len(world.noted("executed")), final.pop()))
        if not was_killed:
            break
    else:
        raise AssertionError("the life of a command has no end")
    assert {(0, "failed"), (1, "failed"), (1, "done")} == outcomes, "the kills came before, in and after the deed"
    assert last > 15, "all the steps were there"


def test_command_killed_again_and_again_is_answered_in_the_end(tmp_path: Path) -> None:
    """A start that is killed itself: what it had said of the command is said again."""
    for last in (6, 2, 1, 3, 4):
        died(tmp_path, "refresh", last)
    assert not died(tmp_path, "refresh", None)
    world = World(tmp_path)
    assert world.noted("acknowledged")
    assert len(world.noted("executed")) <= 1
    assert "failed" in world.noted("answers")

"""Threads: a name, a join, a crash path."""

import sys
import threading
from collections.abc import Iterator

import pytest
import structlog

from agent.runtime.crew import Crew
from tests.support.applications import until


@pytest.fixture
def hooks() -> Iterator[None]:
    """Put the process-wide hooks back."""
    thread, unraisable = threading.excepthook, sys.unraisablehook
    yield
    threading.excepthook, sys.unraisablehook = thread, unraisable


def failing() -> None:
    raise RuntimeError("no such luck at https://kiosk:hunter2@example.org/")


def test_thread_runs_under_its_name_and_is_joined() -> None:
    """A thread without a name cannot be found in a stack dump."""
    names: list[str] = []
    crew = Crew(lambda _crash: None)
    crew.spawn("delivery", lambda: names.append(threading.current_thread().name))
    assert [] == crew.join(10)
    assert ["delivery"] == names


def test_thread_that_is_still_at_it_is_named_by_join() -> None:
    """The log of a slow shutdown must say who held it up."""
    let_go = threading.Event()
    crew = Crew(lambda _crash: None)

    def slow() -> None:
        let_go.wait(10)

    crew.spawn("slow", slow)
    assert ["slow"] == crew.join(0)
    let_go.set()
    assert [] == crew.join(10)


def test_thread_that_has_ended_is_gone_unless_it_was_to_end() -> None:
    """The watchdog asks: an agent without its control thread is not well."""
    let_go = threading.Event()
    crew = Crew(lambda _crash: None)
    crew.spawn("works", lambda: _wait(let_go))
    crew.spawn("left", lambda: None)
    crew.spawn("brief", lambda: None, lasts=False)
    until(lambda: ["left"] == crew.gone)
    let_go.set()
    assert [] == crew.join(10)


def test_crash_is_logged_and_reported_once_with_its_thread() -> None:
    """A thread that dies in silence leaves an agent that looks alive and does nothing."""
    crashes: list[str] = []
    crew = Crew(crashes.append)
    with structlog.testing.capture_logs() as logged:
        crew.spawn("delivery", failing).join(10)
        crew.spawn("control", failing).join(10)
    assert ["delivery: RuntimeError: no such luck at https://***@example.org/"] == crashes
    assert [("thread crashed", "delivery")] == [(entry["event"], entry["thread"]) for entry in logged]
    assert crew.crash == crashes[0]


def test_crash_is_reported_even_where_it_cannot_be_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk or a closed stderr must not keep a broken process alive."""
    crashes: list[str] = []
    crew = Crew(crashes.append)

    def closed(*_arguments: object, **_values: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr("agent.runtime.crew.log.critical", closed, raising=False)
    with pytest.raises(BrokenPipeError):
        crew.crashed("main", RuntimeError("x"))
    assert ["main: RuntimeError: x"] == crashes


@pytest.mark.usefixtures("hooks")
def test_exception_of_a_librarys_thread_meets_the_same_place() -> None:
    """paho's network thread dies of an exception while it still says that it is connected."""
    crashes: list[str] = []
    Crew(crashes.append).install()
    thread = threading.Thread(target=failing, name="paho")
    thread.start()
    thread.join(10)
    assert ["paho: RuntimeError: no such luck at https://***@example.org/"] == crashes


@pytest.mark.usefixtures("hooks")
def test_exception_that_c_code_swallows_meets_the_same_place() -> None:
    """ctypes prints what escapes from a callback and goes on."""
    crashes: list[str] = []
    Crew(crashes.append).install()

    class Doomed:
        def __del__(self) -> None:
            raise ValueError("swallowed")

    Doomed()
    assert ["callback: ValueError: swallowed"] == crashes


def _wait(event: threading.Event) -> None:
    event.wait(60)

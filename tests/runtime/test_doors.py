"""The ways in for the kiosk's application."""

import json
import socket
import threading
from pathlib import Path
from queue import SimpleQueue

import pytest

from agent.config.intake import Intake, Web
from agent.intake.submission import Kept, Submission
from agent.runtime.doors import Doors, open_doors

TOKEN = "a-token-of-some-length"


def opened(folder: Path, settings: Intake, put: "SimpleQueue[Submission] | None" = None) -> Doors:
    """Doors in `folder`."""
    queue = put if put is not None else SimpleQueue()
    return open_doors(settings, folder, {}, put=queue.put, now=lambda: 1.0)


def test_what_comes_through_the_door_reaches_the_main_loop_and_is_counted(tmp_path: Path) -> None:
    """The one thing that it is for."""
    queue: SimpleQueue[Submission] = SimpleQueue()
    doors = opened(tmp_path, Intake(), queue)
    ((name, server),) = doors.open
    thread = threading.Thread(target=server.serve, name=name)
    thread.start()
    with socket.socket(socket.AF_UNIX) as link:
        link.connect(str(tmp_path / "intake.sock"))
        link.sendall(b'{"type": "page", "page_name": "welcome"}\n')
        queue.get().reply.put(Kept("token"))
        assert {"ok": {"id": "token"}} == json.loads(link.makefile().readline())
    doors.close()
    thread.join()
    assert 1 == doors.counters["accepted"]
    assert [str(tmp_path / "intake.sock")] == doors.where


def test_nothing_is_open_where_nothing_is_wanted(tmp_path: Path) -> None:
    """A kiosk without an application has no socket."""
    doors = opened(tmp_path, Intake(enabled=False))
    assert ([], [], []) == (doors.open, doors.where, doors.shut)


def test_door_that_cannot_be_opened_costs_no_play(tmp_path: Path) -> None:
    """It is said, in the log and in `status`; the screen goes on."""
    doors = opened(tmp_path, Intake(socket=str(tmp_path / "nowhere" / "intake.sock")))
    assert [] == doors.open
    (shut,) = doors.shut
    assert "nowhere" in shut.problem
    assert "intake.socket" in shut.remedy


@pytest.mark.parametrize("token", ["short", None])
def test_browsers_door_stays_shut_without_a_usable_token(tmp_path: Path, token: str | None) -> None:
    """A port that takes anything from any page would be worse than none; the token stands in no text."""
    if token is not None:
        (tmp_path / "token").write_text(token)
    web = Web(enabled=True, port=8337, origins=("https://kiosk.test",), token_file=str(tmp_path / "token"))
    doors = opened(tmp_path, Intake(enabled=False, web=web))
    assert [] == doors.open
    (shut,) = doors.shut
    assert "8337" in shut.problem
    assert "the file of intake.web.token_file" in shut.problem
    assert "urandom" in shut.remedy
    assert token is None or token not in shut.problem


def test_port_that_is_taken_says_how_to_find_by_whom(tmp_path: Path) -> None:
    """A development server on the same port is the usual reason."""
    (tmp_path / "token").write_text(TOKEN)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        web = Web(enabled=True, port=port, origins=("https://kiosk.test",), token_file=str(tmp_path / "token"))
        doors = opened(tmp_path, Intake(enabled=False, web=web))
    (shut,) = doors.shut
    assert f"port {port} for browsers: Address already in use" == shut.problem
    assert "ss -ltnp" in shut.remedy


def test_browsers_door_tells_its_address(tmp_path: Path) -> None:
    """An integrator finds in `status` what the page has to call."""
    (tmp_path / "token").write_text(TOKEN)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    web = Web(enabled=True, port=port, origins=("https://kiosk.test",), token_file=str(tmp_path / "token"))
    doors = opened(tmp_path, Intake(enabled=False, web=web))
    ((name, server),) = doors.open
    thread = threading.Thread(target=server.serve, name=name)
    thread.start()
    doors.close()
    thread.join()
    assert [f"http://127.0.0.1:{port}"] == doors.where

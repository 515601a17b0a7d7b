"""The control socket between the command line and the main loop."""

import json
import os
import socket
import stat
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from agent.runtime import control
from agent.runtime.control import SOCKET_NAME, ControlError, ControlServer, NotRunningError, address, ask
from tests.support.agents import answering


def echo(call: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"ok": {"call": call, **arguments}}


def test_call_and_arguments_reach_the_loop_and_its_answer_comes_back(tmp_path: Path) -> None:
    """The whole road, over the real socket."""
    with answering(tmp_path, echo):
        assert {"call": "queue.list", "limit": 3} == ask(tmp_path, "queue.list", limit=3)
        assert {"call": "status"} == ask(tmp_path, "status")


def test_refusal_is_an_error_with_the_agents_words(tmp_path: Path) -> None:
    """The person who asked must read why."""
    with (
        answering(tmp_path, lambda _call, _arguments: {"error": "no such call"}),
        pytest.raises(ControlError, match="no such call"),
    ):
        ask(tmp_path, "frobnicate")


@pytest.mark.parametrize("state", ["no folder", "no socket", "dead socket"])
def test_nobody_listening_is_told_apart(tmp_path: Path, state: str) -> None:
    """`status` and `queue` then open the store themselves; a killed agent leaves its socket behind."""
    folder = tmp_path / "nowhere" if state == "no folder" else tmp_path
    if state == "dead socket":
        left = socket.socket(socket.AF_UNIX)
        left.bind(str(tmp_path / SOCKET_NAME))
        left.close()
    with pytest.raises(NotRunningError):
        ask(folder, "status")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may look everywhere")
def test_folder_of_another_user_names_sudo_and_is_not_taken_for_a_missing_agent(tmp_path: Path) -> None:
    """A state folder is its agent's alone; "not running" would be a lie."""
    tmp_path.chmod(0)
    with pytest.raises(ControlError, match="sudo") as refused:
        ask(tmp_path, "status")
    tmp_path.chmod(0o700)
    assert not isinstance(refused.value, NotRunningError)


def test_state_folder_that_is_a_file_is_an_error_in_words(tmp_path: Path) -> None:
    """A typing error in --state-dir."""
    (tmp_path / "file").write_text("")
    with pytest.raises(ControlError, match="cannot open the state folder"):
        ask(tmp_path / "file", "status")


def test_socket_left_by_a_killed_agent_is_replaced(tmp_path: Path) -> None:
    """SIGKILL is the shutdown path."""
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(tmp_path / SOCKET_NAME))
    left.close()
    with answering(tmp_path, echo):
        assert {"call": "status"} == ask(tmp_path, "status")


def test_only_the_agents_user_may_ask(tmp_path: Path) -> None:
    """The queue holds who watched what."""
    with answering(tmp_path, echo):
        assert 0o600 == stat.S_IMODE((tmp_path / SOCKET_NAME).stat().st_mode)


def test_long_path_of_a_state_folder_works(tmp_path: Path) -> None:
    """A Unix socket's address holds 107 bytes; a folder's path may be longer."""
    deep = tmp_path.joinpath(*["a-long-name-of-a-folder"] * 8)
    deep.mkdir(parents=True)
    with answering(deep, echo):
        assert {"call": "status"} == ask(deep, "status")


def raw(folder: Path, line: bytes) -> Any:
    """What the agent answers to bytes."""
    name, _descriptor = address(folder)
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(name)
        connection.sendall(line)
        connection.shutdown(socket.SHUT_WR)
        return json.loads(connection.makefile("rb").readline())


@pytest.mark.parametrize(
    "line", [b"", b"\n", b"hello\n", b"[]\n", b"{}\n", b"3\n", b"\xff\xfe\n", b"[" * 200_000 + b"\n", b'"' * (1 << 21)]
)
def test_bad_line_is_answered_with_the_remedy_and_the_agent_lives(tmp_path: Path, line: bytes) -> None:
    """Whoever may write to the socket must not be able to end the agent by a typing error."""
    with answering(tmp_path, echo) as seen:
        try:
            assert "send one JSON object" in raw(tmp_path, line)["error"]
        except (BrokenPipeError, ConnectionResetError):
            assert len(line) > control.MAX_LINE_BYTES  # the agent stopped reading at its bound
        assert {"call": "status"} == ask(tmp_path, "status")
    assert ["status"] == [request.call for request in seen]


def test_name_that_is_not_utf8_comes_through(tmp_path: Path) -> None:
    """Python makes surrogates of such a file name; the answer must not fail on them."""
    with answering(tmp_path, lambda _call, _arguments: {"ok": {"uri": "caf\udce9.mp4"}}):
        assert {"uri": "caf\udce9.mp4"} == ask(tmp_path, "status")


def test_asker_who_drips_bytes_keeps_nobody_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A timeout that starts anew with every byte is none."""
    monkeypatch.setattr(control, "CLIENT_WITHIN_S", 0.2)
    with answering(tmp_path, echo):
        name, _descriptor = address(tmp_path)
        slow = socket.socket(socket.AF_UNIX)
        slow.connect(name)
        stop = threading.Event()

        def drip() -> None:
            try:
                while not stop.wait(0.02):
                    slow.sendall(b" ")
            except OSError:
                stop.set()  # the agent hung up, as it should

        dripping = threading.Thread(target=drip, name="drip")
        dripping.start()
        assert stop.wait(30)
        dripping.join(10)
        slow.close()
        monkeypatch.setattr(control, "CLIENT_WITHIN_S", 5.0)
        assert {"call": "status"} == ask(tmp_path, "status")


def test_hung_main_loop_is_an_error_and_not_a_wait_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An agent whose loop hangs must not look alive."""
    monkeypatch.setattr(control, "ANSWER_WITHIN_S", 0.05)
    server = ControlServer(tmp_path, lambda _request: None)
    thread = threading.Thread(target=server.serve, name="control")
    thread.start()
    with pytest.raises(ControlError, match="main loop did not answer"):
        ask(tmp_path, "status")
    server.close()
    thread.join(10)
    assert not thread.is_alive()
    assert not (tmp_path / SOCKET_NAME).exists()

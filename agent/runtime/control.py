"""The control socket: how the command line asks a running agent.

Contract: a Unix stream socket in the state folder's `control.sock`, mode 0600. One JSON object a line asks
(`{"call": "status", ...}`), one JSON object a line answers (`{"ok": ...}` or `{"error": "..."}`).
Rules: one connection at a time, each with a deadline, lines bounded; a bad line is answered with an error that names
the remedy. Answers come from the main loop (an agent whose loop hangs must not look alive), so a call waits for it.
Reasons: decision 25: one connection to the database in one process; everybody else asks.
"""

import json
import os
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event
from typing import Any, NamedTuple

from agent.runtime.clock import boottime
from agent.runtime.refuge import inhabited

SOCKET_NAME = "control.sock"
# A line holds a command, or a page of the queue; more is a mistake or an attack.
MAX_LINE_BYTES = 1 << 20
# The main loop steps many times a second; ten seconds without an answer means that it hangs.
ANSWER_WITHIN_S = 10.0
CLIENT_WITHIN_S = 5.0
# After a failed accept (no file descriptor left): long enough not to spin, short enough to be there when asked again.
ACCEPT_AGAIN_S = 0.5


class ControlError(Exception):
    """The agent could not be asked, or refused; the text says why and what to do."""


class NotRunningError(ControlError):
    """Nobody listens on the control socket."""


class Request(NamedTuple):
    """A call that waits for the main loop's answer."""

    call: str
    arguments: Mapping[str, Any]
    reply: "SimpleQueue[dict[str, Any]]"


def address(folder: Path) -> tuple[str, int]:
    """A socket address for `folder`, however long its path, and the open descriptor that it needs meanwhile.

    A Unix address holds 107 bytes; the kernel's own name of an open folder is short.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    return f"/proc/self/fd/{descriptor}/{SOCKET_NAME}", descriptor


class ControlServer:
    """Listens at once when made, answers in `serve`."""

    def __init__(self, folder: Path, put: Callable[[Request], None]) -> None:
        self._put = put
        self._closed = Event()
        self._path = folder / SOCKET_NAME
        self._path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        name, descriptor = address(folder)
        before = os.umask(0o177)
        try:
            self._socket.bind(name)
        finally:
            os.umask(before)
            os.close(descriptor)
        self._socket.listen(8)

    def serve(self) -> None:
        """Answer until `close`."""
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                if self._closed.wait(ACCEPT_AGAIN_S):
                    return
                continue  # no descriptor left, or the asker went away before it was heard
            with connection, suppress(OSError):  # the asker went away: nothing of ours is lost
                self._converse(connection)

    def _converse(self, connection: socket.socket) -> None:
        answer = self._answer(_line(connection))
        connection.settimeout(CLIENT_WITHIN_S)
        # ASCII: a file name that is not UTF-8 holds surrogates, which UTF-8 cannot say and JSON's escapes can.
        connection.sendall(json.dumps(answer).encode("ascii") + b"\n")

    def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            asked = json.loads(line)
            call = asked.pop("call")
        except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
            return {"error": 'not a call: send one JSON object a line, such as {"call": "status"}'}
        reply: SimpleQueue[dict[str, Any]] = SimpleQueue()
        self._put(Request(str(call), asked, reply))
        try:
            return reply.get(timeout=ANSWER_WITHIN_S)
        except Empty:
            return {"error": f"the agent's main loop did not answer within {ANSWER_WITHIN_S:.0f} s; see its log"}

    def close(self) -> None:
        """Stop listening and remove the socket."""
        self._closed.set()
        self._socket.shutdown(socket.SHUT_RDWR)  # wakes accept(); close() alone does not
        self._socket.close()
        self._path.unlink(missing_ok=True)


def _line(connection: socket.socket) -> bytes:
    """What the asker says, up to its first line end. Raises TimeoutError where it takes longer than its time.

    A deadline for the whole line: a reader's own timeout starts anew with each byte, and one that drips would keep
    everybody else waiting.
    """
    deadline = boottime() + CLIENT_WITHIN_S
    said = bytearray()
    while b"\n" not in said and len(said) < MAX_LINE_BYTES:
        connection.settimeout(max(0.001, deadline - boottime()))
        chunk = connection.recv(65_536)
        if not chunk:
            break
        said += chunk
    return bytes(said)


def ask(folder: Path, call: str, **arguments: Any) -> Any:
    """Ask the agent whose state folder is `folder`; the answer's `ok` value.

    Raises NotRunningError where nobody listens, ControlError where the agent refuses or does not answer.
    """
    try:
        name, descriptor = address(inhabited(folder, SOCKET_NAME) or folder)
    except FileNotFoundError:
        raise NotRunningError(f"no agent has run here: the state folder {folder} does not exist") from None
    except PermissionError:
        raise ControlError(f"not allowed to look into {folder}; try as the agent's user or with sudo") from None
    except OSError as error:
        raise ControlError(f"cannot open the state folder {folder}: {error.strerror}") from error
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(ANSWER_WITHIN_S + CLIENT_WITHIN_S)
        try:
            connection.connect(name)
        except (FileNotFoundError, ConnectionRefusedError):
            raise NotRunningError(f"no agent is running on {folder}; start one with: kiosk-agent run") from None
        except PermissionError:
            raise ControlError(f"not allowed to ask the agent on {folder}; try as its user or with sudo") from None
        except OSError as error:  # its queue of askers is full, or it hangs
            raise ControlError(f"the agent on {folder} does not take calls ({error}); see its log") from error
        finally:
            os.close(descriptor)
        try:
            connection.sendall(json.dumps({"call": call, **arguments}).encode() + b"\n")
            with connection.makefile("rb") as lines:
                line = lines.readline()
            answer = json.loads(line)
        except (OSError, ValueError) as error:
            raise ControlError(f"the agent on {folder} gave no answer ({error}); see its log") from error
    if "error" in answer:
        raise ControlError(str(answer["error"]))
    return answer["ok"]

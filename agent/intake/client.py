"""Tells a running agent what an application has to say, as `kiosk-agent emit` does.

Contract: `Client.ask` sends one line and returns its answer, an object with `ok` or `error`. Raises `AbsentError` where
nobody listens, `ClientError` where the socket is there and gives no answer; the texts say what to do.
"""

import json
import os
import socket
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

# Longer than the agent takes to say that it does not know (agent.intake.conversation.ANSWER_WITHIN_S).
ANSWER_WITHIN_S: Final = 15.0
AGAIN_S: Final = 0.02
MAX_ANSWER_BYTES: Final = 64 * 1024


class ClientError(Exception):
    """The agent could not be told, or gave no answer: nobody knows whether it was kept."""


class AbsentError(ClientError):
    """Nobody listens: nothing was kept."""


class _ClosedError(ClientError):
    """The agent had closed the connection before it got the line: nothing of that was kept."""


class Client:
    """One connection, made anew where the agent has closed it. `paths`: where one may be listening, likeliest first."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths
        self._connect()

    def ask(self, said: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to one line. A line that cannot have been heard is said again, once."""
        # Not as ASCII: escapes make a line up to three times as long, and a line's length is bounded.
        line = json.dumps(said, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"
        try:
            return self._ask(line)
        except _ClosedError:
            self.close()
            self._connect()  # it restarted, or made room for others while we were silent
            return self._ask(line)

    def close(self) -> None:
        self._answers.close()
        self._socket.close()

    def _connect(self) -> None:
        self._socket = _connected(self._paths)
        self._answers = self._socket.makefile("rb")

    def _ask(self, line: bytes) -> dict[str, Any]:
        closed = False
        try:
            self._socket.sendall(line)
        except BrokenPipeError:
            closed = True  # it may have said why before
        except OSError as error:
            raise ClientError(f"the agent does not take what is told ({error}); see its log") from error
        try:
            said = self._answers.readline(MAX_ANSWER_BYTES)
        except OSError as error:
            raise ClientError(f"the agent gave no answer ({error}); see its log") from error
        if not said and closed:
            raise _ClosedError("the agent hung up before it was told anything")
        if not said:
            raise ClientError("the agent hung up without an answer: whether it was kept is not known")
        return _answer(said)


def _answer(line: bytes) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not ({"ok", "error"} & found.keys()):
        raise ClientError("what listens on the socket is no agent")
    return found


def _connected(paths: Sequence[Path]) -> socket.socket:
    """The first that listens and lets us in: the state folder is closed to whom the group's socket is open."""
    closed: list[str] = []
    for path in paths:
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        made.settimeout(ANSWER_WITHIN_S)
        try:
            _connect(made, path)
        except (FileNotFoundError, NotADirectoryError, ConnectionRefusedError):
            made.close()
            continue
        except PermissionError:
            made.close()
            closed.append(str(path))
            continue
        except OSError as error:
            made.close()
            raise ClientError(f"cannot use {path}: {error.strerror or error}") from error
        return made
    if closed:
        who = "report as root, as the agent's user, or as a member of intake.group"
        raise ClientError(f"not allowed to use {' or '.join(closed)}; {who}")
    tried = " or ".join(str(path) for path in paths)
    raise AbsentError(
        f"no agent listens on {tried}; start one with: kiosk-agent run, or name its socket with --socket or --config"
    )


def _connect(made: socket.socket, path: Path) -> None:
    """Through the kernel's own short name of the folder: a Unix address holds 107 bytes.

    A queue of newcomers that is full is an error at once for a socket with a timeout, so it is tried again.
    """
    until = time.monotonic() + ANSWER_WITHIN_S
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        while True:
            try:
                made.connect(f"/proc/self/fd/{folder}/{path.name}")
            except BlockingIOError:
                if time.monotonic() > until:
                    raise
                time.sleep(AGAIN_S)
            else:
                return
    finally:
        os.close(folder)

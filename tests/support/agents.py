"""A stand-in for the main loop behind the real control socket: real protocol, scripted answers."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from agent.runtime.control import ControlServer, Request

Answer = Callable[[str, Mapping[str, Any]], dict[str, Any]]


@contextmanager
def answering(folder: Path, answer: Answer) -> Iterator[list[Request]]:
    """Serve the control socket in `folder`; each request is answered at once with what `answer` returns."""
    seen: list[Request] = []

    def put(request: Request) -> None:
        seen.append(request)
        request.reply.put(answer(request.call, request.arguments))

    server = ControlServer(folder, put)
    thread = threading.Thread(target=server.serve, name="control")
    thread.start()
    try:
        yield seen
    finally:
        server.close()
        thread.join(60)

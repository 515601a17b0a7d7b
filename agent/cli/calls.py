"""How a command gets its answer: from the running agent, or from the store itself where none runs.

Contract: `call` returns the answer, or ends the command with a text and exit status 1.
Reasons: decision 25: with a daemon the control socket, without one the lock and the same code.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from agent.runtime.control import ControlError, NotRunningError, ask


def call(state_dir: Path, name: str, **arguments: Any) -> Any:
    """Ask `name` of the agent on `state_dir`, or answer from its store."""
    try:
        return ask(state_dir, name, **arguments)
    except NotRunningError as absent:
        return _offline(state_dir, name, arguments, str(absent))
    except ControlError as error:
        raise click.ClickException(str(error)) from None


def _offline(state_dir: Path, name: str, arguments: dict[str, Any], absent: str) -> Any:
    from agent.runtime.queries import answer  # the store's room, which a running agent's answer does not need

    reply: dict[str, Any] = from_store(state_dir, lambda outbox: answer(outbox, name, arguments), absent)
    if "error" in reply:
        raise click.ClickException(reply["error"])
    return reply["ok"]


def from_store(state_dir: Path, look: Callable[[Any], Any], absent: str) -> Any:
    """What `look` makes of the open store in `state_dir`. `absent` says that no agent runs there."""
    from agent.outbox.errors import StoreError
    from agent.outbox.visiting import visit

    try:
        outbox = visit(state_dir)
        try:
            return look(outbox)
        finally:
            outbox.close()
    except StoreError as error:
        raise click.ClickException(f"{absent[:1].upper()}{absent[1:]}. {error} {error.remedy}") from None

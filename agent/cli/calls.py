"""How a command gets its answer: from the running agent, or from the store itself where none runs.

Contract: `call` returns the answer, or ends the command with a text and exit status 1. `reached` does so for a command
that asks many times.
Reasons: decision 25: with a daemon the control socket, without one the lock and the same code.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
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


@contextmanager
def reached(state_dir: Path) -> Iterator[Callable[..., Any]]:
    """What asks; from where no agent runs, the store is open until the command ends."""
    from agent.outbox.errors import StoreError

    with ExitStack() as stack:
        outbox: Any = None

        def asked(name: str, **arguments: Any) -> Any:
            nonlocal outbox
            if outbox is None:
                try:
                    return ask(state_dir, name, **arguments)
                except NotRunningError as absent:
                    outbox = _opened(state_dir, stack, str(absent))
                except ControlError as error:
                    raise click.ClickException(str(error)) from None
            from agent.runtime.queries import answer

            reply = answer(outbox, name, arguments)
            if "error" in reply:
                raise click.ClickException(reply["error"])
            return reply["ok"]

        try:
            yield asked
        except StoreError as error:
            raise click.ClickException(f"{error} {error.remedy}") from None


def _opened(state_dir: Path, stack: ExitStack, absent: str) -> Any:
    from agent.outbox.errors import StoreError
    from agent.outbox.visiting import visit

    try:
        outbox = visit(state_dir)
    except StoreError as error:
        raise click.ClickException(f"{absent[:1].upper()}{absent[1:]}. {error} {error.remedy}") from None
    stack.callback(outbox.close)
    from agent.runtime.clock import SystemClock

    outbox.tell_time(SystemClock().now())  # plays of a boot that never saw the time are dated by it
    return outbox


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

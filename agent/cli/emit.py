"""`kiosk-agent emit`: tell a running agent what the kiosk's application has to say, from a shell or a pipe.

Contract: prints the id under which each event is durable, a visit's command its visit; `--json` the whole answer.
Exit 0: all is kept. 2: a mistake in what was said. 1: it was refused, or nobody knows. 3: no agent is running.
Rules: what is wrong is found here, before an agent is asked, by the agent's own parser. Who is told to wait waits.
"""

import json
import os
import re
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import click

from agent.cli.exits import Exit
from agent.cli.place import state_dir_option
from agent.cli.words import plain
from agent.config.kinds import Whole
from agent.intake import submission
from agent.intake.client import AbsentError, Client, ClientError
from agent.intake.parse import parse
from agent.intake.place import candidates
from agent.intake.schema import TYPES
from agent.intake.submission import Answer, Misfit, Reason

# So many refusals with a time to try again are waited out, one after the other; more is an agent that is flooded.
TRIES = 20
LONGEST_WAIT_S = 5.0

_NUMBERS = {field.name for fields in TYPES.values() for field in fields if isinstance(field.kind, Whole)}


def _complete_type(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    return [name for name in TYPES if name.startswith(begun)]


def _complete_field(context: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    return [
        f"{field.name}=" for field in TYPES.get(context.params.get("kind") or "", ()) if field.name.startswith(begun)
    ]


@click.command(short_help="Tell the agent what the kiosk's application has to say.")
@click.argument("kind", metavar="[TYPE]", required=False, shell_complete=_complete_type)
@click.argument("pairs", metavar="[FIELD=VALUE]...", nargs=-1, shell_complete=_complete_field)
@click.option("--stdin", "from_stdin", is_flag=True, help="Read JSON objects from standard input, one a line.")
@click.option("--json", "as_json", is_flag=True, help="Print whole answers, a JSON object a line.")
@click.option(
    "--socket",
    "socket_path",
    metavar="PATH",
    type=click.Path(path_type=Path),
    help="The agent's socket. Default: as in --config, then intake.sock in the runtime and the state folder.",
)
@click.option(
    "--config",
    "config_path",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The agent's configuration, for its intake.socket.",
)
@state_dir_option
def emit(
    kind: str | None,
    pairs: Sequence[str],
    state_dir: Path,
    *,
    from_stdin: bool,
    as_json: bool,
    socket_path: Path | None,
    config_path: Path | None,
) -> None:
    """Tell the agent what the kiosk's application has to say, and print the id under which it is durable.

    \b
    kiosk-agent emit page application=lobby-app page_type=lobby page_name=main
    kiosk-agent emit button button_type=cta button_name=register entry_id=0_abcd1234
    kiosk-agent emit share-opened
    kiosk-agent emit custom name=quiz number=10005 fields.score=7
    kiosk-agent emit visit-start

    TYPE is page, button, custom, visit-start, visit-end, or what a visitor did with a medium: share-opened,
    download-opened, fullscreen-opened, preroll-clicked and so on; a wrong one is answered with all of them, and a
    wrong field with all fields.

    Exit status: 0 all is kept, 1 refused or not known, 2 a mistake in what was said, 3 no agent is running.
    """
    if from_stdin == (kind is not None):
        raise click.UsageError("Name a TYPE, as: kiosk-agent emit page page_name=main; or read lines with --stdin.")
    said = _from_pipe() if from_stdin else iter([("", _object(kind or "", pairs))])
    sys.exit(_Emission(_paths(socket_path, config_path, state_dir), as_json=as_json).tell_all(said))


class _Emission:
    """Tells one line after the other on one connection, which is made when the first one that is right comes."""

    def __init__(self, paths: Sequence[Path], *, as_json: bool) -> None:
        self._paths = paths
        self._as_json = as_json
        self._client: Client | None = None

    def tell_all(self, said: Iterator[tuple[str, bytes | dict[str, Any]]]) -> Exit:
        """What happened to the first line that was not kept."""
        first = Exit.OK
        try:
            for place, each in said:
                outcome = self._tell(place, each)
                first = outcome if first is Exit.OK else first
        except AbsentError as error:
            _complain("", str(error))
            return Exit.NOT_RUNNING
        except ClientError as error:
            _complain("", str(error))
            return Exit.FAILED
        finally:
            if self._client is not None:
                self._client.close()
        return first

    def _tell(self, place: str, said: bytes | dict[str, Any]) -> Exit:
        reply: SimpleQueue[Answer] = SimpleQueue()
        found = parse(said, who="", reply=reply)
        if isinstance(found, Misfit):
            return self._show(place, dict(submission.plain(found, found.mark)))
        return self._show(place, self._ask(said if isinstance(said, dict) else json.loads(said)))

    def _ask(self, said: dict[str, Any]) -> dict[str, Any]:
        if self._client is None:
            self._client = Client(self._paths)
        answer = self._client.ask(said)
        for _ in range(TRIES):
            wait = answer.get("error", {}).get("retry_after_s")
            if answer.get("error", {}).get("reason") != Reason.THROTTLED.value or not isinstance(wait, int | float):
                break
            time.sleep(min(max(float(wait), 0.0), LONGEST_WAIT_S))
            answer = self._client.ask(said)
        return answer

    def _show(self, place: str, answer: dict[str, Any]) -> Exit:
        if self._as_json:
            click.echo(json.dumps(answer))
        if "ok" in answer:
            if not self._as_json:
                click.echo(answer["ok"].get("id") or answer["ok"].get("visit") or "")
            return Exit.OK
        error = answer["error"]
        if not self._as_json:
            _complain(place, _words(error))
        return Exit.USAGE if error.get("reason") in (Reason.MALFORMED.value, Reason.OVERSIZED.value) else Exit.FAILED


def _object(kind: str, pairs: Sequence[str]) -> dict[str, Any]:
    """The line that `TYPE FIELD=VALUE...` stands for. `fields.name=value` is one of the fields of a custom event."""
    said: dict[str, Any] = {"type": kind}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise click.UsageError(f"{plain(pair)} is no FIELD=VALUE, as page_name=main.")
        table, dot, inner = name.partition(".")
        into = said.setdefault(table, {}) if dot else said
        key = inner if dot else name
        if not isinstance(into, dict) or key in into:
            raise click.UsageError(f"{plain(name)} is given twice.")
        is_number = name in _NUMBERS and re.fullmatch("[0-9]{1,18}", value) is not None
        into[key] = int(value) if is_number else value
    return said


def _from_pipe() -> Iterator[tuple[str, bytes]]:
    for number, line in enumerate(sys.stdin.buffer, start=1):
        if line.strip():
            yield f"line {number}: ", line


def _paths(socket_path: Path | None, config_path: Path | None, state_dir: Path) -> Sequence[Path]:
    if socket_path is not None:
        return (socket_path,)
    configured: str | None = None
    if config_path is not None:
        configured = _configured(config_path)
    return candidates(configured, state_dir, os.environ)


def _configured(config_path: Path) -> str | None:
    from agent.config.files import load  # a second on a slow Raspberry Pi, for those who ask for it
    from agent.config.problems import ConfigurationError

    try:
        return load(config_path).settings.intake.socket
    except ConfigurationError as error:
        raise click.UsageError(f"{config_path} cannot be used: {plain(str(error.problems[0]))}") from None


def _words(error: dict[str, Any]) -> str:
    """An error as a person reads it: the field, what is wrong, what was meant, what is allowed."""
    field, meant, allowed = error.get("field"), error.get("did_you_mean"), error.get("allowed")
    text = f"{field}: {error.get('text')}" if field else str(error.get("text"))
    text += f"; did you mean {meant}?" if meant else ""
    if not allowed:
        return text
    return f"{text}{'' if meant else '.'} Allowed: {allowed}."


def _complain(place: str, text: str) -> None:
    click.echo(f"Error: {place}{plain(text)}", err=True)

"""`kiosk-fleet do`: gives devices a command, and shows what came of it.

Contract: exit 0: every device that is there has done it; 1: one failed or did not answer; 2: no such command.
Rules: a command is checked with the devices' own code before anything is sent. It expires with the wait, at the broker
and at the device, so that nobody's screen changes an hour later; a device that is away is not sent it. Answers come on
each device's own result topic, by MQTT 5's response topic and correlation data, and by the id in 3.1.1.
"""

import json
import os
import secrets
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from agent.fleet.answers import Answers, Ending, Told
from agent.fleet.console import bad, doubtful, good
from agent.fleet.exits import Exit
from agent.fleet.office import InvalidError, Office, operated
from agent.fleet.roster import HELD_BACK
from agent.fleet.survey import survey
from agent.fleet.targets import people, targeted
from agent.fleet.words import count, listed, plain
from agent.remote import commands
from agent.remote.commands import Diagnostics, LogLevel, Refusal, Report, Volume
from agent.remote.letters import Arrived
from agent.remote.line import Outgoing
from agent.remote.topics import Level, Topics

# The slowest command, restart-player, has failed after 75 s.
WAIT_S = 90.0
# A command for more screens than this is asked about first.
SCREENS = 10
# The clocks of the operator's machine and of a device may differ by this much.
CLOCK_S = 60.0
# Any will do: nothing is published by what only judges.
_ANY_TOPICS = Topics("kiosk")
_PARAMETERS: Mapping[str, tuple[str, ...]] = {Volume.word: ("percent",), LogLevel.word: ("level", "seconds")}
_WORDS = {
    Ending.FAILED: (bad, "failed"),
    Ending.SILENT: (bad, "did not answer"),
    Ending.ACCEPTED: (doubtful, "took it and are not done"),
    Ending.OFFLINE: (doubtful, "offline, not asked"),
    Ending.DONE: (good, "done"),
}


@click.command("do", short_help="Give devices a command, and show what came of it.")
@click.argument("command", metavar="COMMAND")
@click.argument("arguments", metavar="[ARGUMENT]...", nargs=-1)
@targeted
@click.option(
    "--ask-above",
    metavar="N",
    type=click.IntRange(0),
    default=SCREENS,
    show_default=True,
    help="Ask first where more devices than this are there.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--timeout",
    metavar="S",
    type=click.FloatRange(1, 3600),
    default=WAIT_S,
    show_default=True,
    help="How long to wait for the answers; the command expires with it.",
)
@click.option(
    "--output",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="Where diagnostics are written to. Default: here.",
)
@operated
def do(
    office: Office,
    *,
    command: str,
    arguments: Sequence[str],
    level: Level,
    ask_above: int,
    timeout: float,
    output: Path,
) -> Exit:
    """Give devices a command, and show what came of it.

    \b
    COMMAND is one of
      refresh, flush, next, pause, resume, restart-player, diagnostics,
      volume PERCENT, log-level LEVEL SECONDS
    """
    order = _order(command, arguments)
    if command == Diagnostics.word and not output.is_dir():
        raise InvalidError(f"{output} is no folder.")
    found = survey(office.desk, office.topics, level)
    if found.is_partial:
        office.console.tell([doubtful(HELD_BACK)])
    if len(found.online) > ask_above:
        office.confirm(f"{command} on {count(len(found.online), 'screen')} of {people(level)}?", found.roll)
    online = found.online
    offline = [each for each in found.members if each not in set(online)]
    answers = _ask(office, order, online=online, offline=offline, timeout=timeout)
    files = _write(answers.final, output) if command == Diagnostics.word else {}
    failed = any(each.ending in (Ending.FAILED, Ending.SILENT, Ending.ACCEPTED) for each in answers.final)
    report = {
        "ok": not failed,
        "command": command,
        "arguments": order["arguments"],
        "level": str(level),
        "devices": [_record(each, files) for each in answers.final],
    }
    office.console.answer(report, _lines(answers.final, files))
    return Exit.FAILED if failed else Exit.OK


def _order(command: str, arguments: Sequence[str]) -> dict[str, Any]:
    """The command's payload, without its expiry; InvalidError with all that is wrong."""
    if command == Report.word:
        raise InvalidError("Reports come in many parts, which kiosk-fleet report puts together.")
    names = _PARAMETERS.get(command, ())
    if command in commands.WORDS and len(arguments) != len(names):
        wants = " ".join([command, *(name.upper() for name in names)])
        raise InvalidError(f"The command is: {wants}. {len(arguments)} arguments were given.")
    values = {
        name: int(text) if text.isascii() and text.isdigit() else text
        for name, text in zip(names, arguments, strict=False)
    }
    order = {"id": secrets.token_hex(8), "command": command, "arguments": values}
    arrived = Arrived(run=1, mid=1, qos=1, topic="", payload=json.dumps(order).encode(), retained=False)
    match commands.parse(arrived, _ANY_TOPICS, "device"):
        case Refusal(problems=problems):
            raise InvalidError(f"No device takes this: {'; '.join(problems)}.")
    return order


def _ask(office: Office, order: dict[str, Any], *, online: list[str], offline: list[str], timeout: float) -> Answers:
    desk, topics, id = office.desk, office.topics, str(order["id"])
    answers = Answers(topics, id, asked=online, offline=offline)
    if not online:
        return answers
    results = [topics.result(online[0])] if len(online) == 1 else [f"{topics.root}/device/+/result"]
    desk.subscribe(results)
    payload = json.dumps({**order, "expires": round(desk.wall() + timeout + CLOCK_S, 3)}).encode()
    desk.publish(
        *(
            Outgoing(
                topics.command(device),
                payload,
                correlation=id.encode(),
                expiry_s=max(1, round(timeout)),
                response_topic=topics.result(device),
            )
            for device in online
        )
    )
    deadline = desk.now() + timeout
    while not answers.is_complete and (left := deadline - desk.now()) > 0:
        arrived = desk.receive(left)
        if arrived is not None:
            answers.take(arrived.topic, arrived.payload)
    return answers


def _write(told: Sequence[Told], folder: Path) -> dict[str, str]:
    """The bundles as files that only their owner may read, by device."""
    files = {}
    for each in told:
        if each.data is None:
            continue
        path = folder / f"diagnostics-{each.device}-{time.strftime('%Y%m%dT%H%M%S')}.json"
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(each.data, file, indent=2)
        except OSError as error:
            raise InvalidError(f"{path} cannot be written: {(error.strerror or 'unknown reason').lower()}.") from None
        files[each.device] = str(path)
    return files


def _record(each: Told, files: Mapping[str, str]) -> dict[str, Any]:
    said = {"device": each.device, "status": each.ending.value, "reason": each.reason, "data": each.data}
    return {**said, "data": None, "file": files[each.device]} if each.device in files else said


def _lines(told: Sequence[Told], files: Mapping[str, str]) -> list[str]:
    if not told:
        return ["No device that is known belongs to it."]
    lines = []
    for ending in Ending:
        found = [each for each in told if each.ending is ending]
        if not found:
            continue
        colour, words = _WORDS[ending]
        lines.append(colour(f"{count(len(found), 'device')} {words}: {plain(listed([each.device for each in found]))}"))
        if ending is not Ending.SILENT:
            lines += [f"  {each.device}: {each.reason}" for each in found if each.reason]
        lines += [f"  {files[each.device]}" for each in found if each.device in files]
    return lines

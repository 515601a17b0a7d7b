"""The manual pages, made of what the program itself uses: click's commands, the host's parser, the settings.

Contract: `pages(version, epoch)` answers each page's text by its place on the device.
Rules: every command, option and setting is walked; nothing is listed here by name, so nothing can be forgotten.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from unittest.mock import patch

import click

from agent.cli.exits import Exit
from agent.cli.main import kiosk_agent
from agent.config.model import Settings
from agent.config.permission import NEVER, Name
from agent.config.plain import toml
from agent.config.setting import Effect, Setting, Table, default_of, entries
from agent.player.attached import attachline
from agent.player.hostline import arguments_of
from tools.deb.roff import Page

_AT = "/usr/share/man"
_FILES = (
    ("/etc/kiosk-agent/kiosk-agent.toml", "The configuration: kiosk-agent.toml(5)."),
    ("/etc/kiosk-agent/secrets/", "Tokens and passwords, a file each; only root reads them."),
    ("/var/lib/kiosk-agent/", "The state: the queue of events that are not delivered yet, and what must survive."),
    ("/run/kiosk-agent/", "The sockets of the player and of the kiosk's application."),
)
_ENDINGS = {
    Exit.OK: "All is well.",
    Exit.FAILED: "Something failed, or a check did not pass.",
    Exit.USAGE: "The command line or the configuration is wrong; nothing was changed.",
    Exit.NOT_RUNNING: "No agent is running.",
    Exit.INCONCLUSIVE: "verify: nobody can say whether the test play was counted.",
}


def pages(version: str, epoch: int) -> dict[str, str]:
    """Place to text."""
    return {
        f"{_AT}/man1/kiosk-agent.1": _agent(version, epoch),
        f"{_AT}/man1/kiosk-attach.1": _attach(version, epoch),
        f"{_AT}/man1/kiosk-player.1": _player(version, epoch),
        f"{_AT}/man5/kiosk-agent.toml.5": _settings(version, epoch),
    }


def commands(
    command: click.Command, name: str, parent: click.Context | None = None
) -> Iterator[tuple[click.Context, click.Command]]:
    """`command` and all below it, each with its context."""
    context = click.Context(command, info_name=name, parent=parent, **command.context_settings)
    yield context, command
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            found = command.get_command(context, below)
            assert found is not None
            yield from commands(found, below, context)


def _agent(version: str, epoch: int) -> str:
    (top, _), *rest = commands(kiosk_agent, "kiosk-agent")
    page = Page("kiosk-agent", 1, epoch, version)
    page.section("NAME")
    page.say("kiosk-agent - play on a kiosk's screen, and count it in Kaltura analytics")
    page.section("SYNOPSIS")
    page.lines(_usage(context, command) for context, command in rest if not isinstance(command, click.Group))
    page.section("DESCRIPTION")
    page.lay(kiosk_agent.help or "")
    page.say(
        "systemd runs it as kiosk-agent.service. The commands below ask that agent, or order it about; where none "
        "is running, those that read the queue read it themselves."
    )
    page.section("OPTIONS")
    page.terms(_options(top, kiosk_agent))
    page.section("COMMANDS")
    for context, command in rest:
        page.below(_usage(context, command))
        page.lay(command.help or "")
        page.terms(_options(context, command))
        if command.epilog:
            page.lay(command.epilog)
    page.section("EXIT STATUS")
    page.terms((str(each.value), _ENDINGS[each]) for each in Exit)
    page.section("FILES")
    page.terms(_FILES)
    page.section("SEE ALSO")
    page.say("kiosk-agent.toml(5), kiosk-player(1), systemctl(1), journalctl(1)")
    return page.text()


def _usage(context: click.Context, command: click.Command) -> str:
    return " ".join([context.command_path, *command.collect_usage_pieces(context)])


def _options(context: click.Context, command: click.Command) -> Iterator[tuple[str, str]]:
    for each in command.get_params(context):
        record = each.get_help_record(context)
        if record is not None and isinstance(each, click.Option):
            yield record


def host_parser(read: Callable[[Sequence[str]], object] = arguments_of) -> argparse.ArgumentParser:
    """The parser of the player's host, or of whatever `read` reads for, taken where it is made and used."""
    made: list[argparse.ArgumentParser] = []

    def take(parser: argparse.ArgumentParser, _line: object) -> argparse.Namespace:
        made.append(parser)
        raise _TakenError

    with patch.object(argparse.ArgumentParser, "parse_args", take):
        try:
            read([])
        except _TakenError:
            return made[0]
    raise AssertionError("the host reads its command line otherwise")


class _TakenError(Exception):
    """The parser was found."""


def _player(version: str, epoch: int) -> str:
    parser = host_parser()
    page = Page("kiosk-player", 1, epoch, version)
    page.section("NAME")
    page.say("kiosk-player - the process that owns VLC and shows what kiosk-agent says")
    page.section("SYNOPSIS")
    page.lines(["kiosk-player --socket PATH [OPTIONS]"])
    page.section("DESCRIPTION")
    page.say(
        parser.description or "",
        'The agent starts one by itself, unless the configuration has `host = "unit"` in `[player]`: then '
        "kiosk-player.service runs it as the screen's user, and it plays on while the agent is restarted or upgraded.",
    )
    page.section("OPTIONS")
    page.terms((", ".join(each.option_strings) + _value(each), each.help or "") for each in actions(parser))
    page.section("ENVIRONMENT")
    page.terms(
        [
            ("DISPLAY, WAYLAND_DISPLAY, XDG_RUNTIME_DIR", "The screen, where there is a desktop; none on a console."),
            ("PYTHON_VLC_LIB_PATH", "The file of libvlc, where it is not the system's libvlc.so.5."),
        ]
    )
    page.section("SEE ALSO")
    page.say("kiosk-agent(1), kiosk-agent.toml(5), vlc(1)")
    return page.text()


def _attach(version: str, epoch: int) -> str:
    parser = host_parser(attachline.arguments_of)
    page = Page("kiosk-attach", 1, epoch, version)
    page.section("NAME")
    page.say("kiosk-attach - tells kiosk-agent what a VLC plays that runs already")
    page.section("SYNOPSIS")
    page.lines(["kiosk-attach [OPTIONS]"])
    page.section("DESCRIPTION")
    page.say(
        parser.description or "",
        "kiosk-attach.service runs it as the user that runs VLC, named in a drop-in, since a session bus lets in its "
        'own user only. The agent follows it where the configuration has `source = "mpris"` or `"http"` in `[player]`.',
    )
    page.section("OPTIONS")
    page.terms((", ".join(each.option_strings) + _value(each), each.help or "") for each in actions(parser))
    page.section("ENVIRONMENT")
    page.terms([("DBUS_SESSION_BUS_ADDRESS", "The session bus, where it is not /run/user/UID/bus.")])
    page.section("SEE ALSO")
    page.say("kiosk-agent(1), kiosk-agent.toml(5), vlc(1)")
    return page.text()


def actions(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """The options that a parser knows."""
    return list(parser._actions)  # argparse has no public way to ask


def _value(action: argparse.Action) -> str:
    return "" if action.nargs == 0 else f" {action.metavar or action.dest.upper()}"


def _settings(version: str, epoch: int) -> str:
    page = Page("kiosk-agent.toml", 5, epoch, version)
    page.section("NAME")
    page.say("kiosk-agent.toml - the configuration of kiosk-agent")
    page.section("SYNOPSIS")
    page.lines(["/etc/kiosk-agent/kiosk-agent.toml"])
    page.section("DESCRIPTION")
    page.say(
        "A TOML file. `sudo kiosk-agent setup` writes a first one; `kiosk-agent config check` names everything that is "
        "wrong with it, and `kiosk-agent config show --origin` says what is in force and where that comes from. A "
        "commented example with every setting is /usr/share/doc/kiosk-agent/examples/agent.example.toml, and the "
        "JSON Schema, for editors, /usr/share/kiosk-agent/schema.json.",
        "A secret never stands in this file: a setting names the file that holds it. A bare name, such as app-token, "
        "is a file in /etc/kiosk-agent/secrets/, which only root can read and systemd hands to the service.",
    )
    for header, title, model, path in tables(Settings, ()):
        page.section(header)
        page.say(title)
        settings = [(name, entry) for name, entry in entries(model) if isinstance(entry, Setting)]
        page.terms((name, _meaning((*path, name), entry, default_of(model, name))) for name, entry in settings)
    page.section("FILES")
    page.terms(_FILES)
    page.section("SEE ALSO")
    page.say("kiosk-agent(1)")
    return page.text()


def tables(model: type, path: tuple[str, ...]) -> Iterator[tuple[str, str, type, tuple[str, ...]]]:
    """Every table below `model`: its header, what it is about, its class, its path."""
    for name, entry in entries(model):
        if isinstance(entry, Table):
            here = (*path, name)
            header = ".".join(here)
            yield f"[[{header}]]" if entry.many else f"[{header}]", entry.help, entry.model, here
            yield from tables(entry.model, here)


def _meaning(name: Name, entry: Setting, default: object) -> str:
    facts = [entry.help, f"Allowed: {entry.kind.allowed}{f' ({entry.unit})' if entry.unit else ''}."]
    if entry.required:
        facts.append(f"Required {entry.required}.")
    elif default is None or default in ("", ()):
        facts.append(f"Default: {entry.unset or 'none'}.")
    else:
        facts.append(f"Default: {toml(default)}.")
    if entry.example is not None:
        facts.append(f"Example: {toml(entry.example)}.")
    change = "at once" if entry.effect is Effect.LIVE else f"by a restart of the {entry.effect.value.partition(':')[2]}"
    facts.append(f"A change takes effect {change}.")
    if entry.remote and name not in NEVER:
        facts.append("A broker may set it.")
    return " ".join(facts)

"""Completion for the shells, as click writes it.

Contract: `completions()` answers each script's text by its place on the device.
Rules: the scripts ask the program itself, so they know every command, option and choice that it has, also tomorrow.
Reasons: a list of our own would be quicker on an old board, and would have to be kept.
"""

from collections.abc import Mapping

from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

from agent.cli.main import kiosk_agent

_PROGRAM = "kiosk-agent"
_VARIABLE = "_KIOSK_AGENT_COMPLETE"
_PLACES: Mapping[type[ShellComplete], str] = {
    BashComplete: "/usr/share/bash-completion/completions/kiosk-agent",
    ZshComplete: "/usr/share/zsh/vendor-completions/_kiosk-agent",
    FishComplete: "/usr/share/fish/vendor_completions.d/kiosk-agent.fish",
}


def completions() -> dict[str, str]:
    """Place to text."""
    return {place: _script(shell) for shell, place in _PLACES.items()}


def _script(shell: type[ShellComplete]) -> str:
    """Not `source()`, which asks the builder's own bash for its version first."""
    made = shell(kiosk_agent, {}, _PROGRAM, _VARIABLE)
    return made.source_template % made.source_vars()

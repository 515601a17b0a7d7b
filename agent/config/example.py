"""The commented example, `agent.example.toml`, made from the model.

Contract: `example_text()` answers TOML that can be used as it stands after the three required values are set; every
other setting stands there as a comment with its default, or with an example where it has none.
"""

import textwrap
from typing import Any

from agent.config.model import Settings
from agent.config.plain import toml
from agent.config.setting import Setting, Table, default_of, entries

_WIDTH = 100
_OPENING = """\
#:schema ./schema.json
# The configuration of kiosk-agent. It stands in /etc/kiosk-agent/kiosk-agent.toml.
#
# A line that begins with "#" directly before a name is a setting at its default, or an example where there is no
# default; take the "#" away to change it. `kiosk-agent config check` names everything that is wrong with this file,
# and `kiosk-agent config show --origin` says what is in force and why. config/README.md explains more.
"""
# Settings that nearly every kiosk writes: not commented out.
_WRITTEN = frozenset({"id", "service_url", "partner_id", "uri", "entry_id"})


def example_text() -> str:
    """The whole file."""
    return "\n".join([_OPENING, *_table(Settings, ())])


def _table(model: type[Any], path: tuple[str, ...]) -> list[str]:
    lines: list[str] = []
    for name, entry in entries(model):
        match entry:
            case Setting():
                lines += _setting(name, entry, default_of(model, name))
            case Table(inner, help, many):
                here = (*path, name)
                header = ".".join(here)
                lines += ["", *_comment(help), f"[[{header}]]" if many else f"[{header}]", ""]
                lines += _table(inner, here)
    return lines


def _setting(name: str, entry: Setting, default: Any) -> list[str]:
    nothing = default is None or default in ("", ())
    value = entry.example if nothing and entry.example is not None else default
    mark = "" if name in _WRITTEN else "#"
    facts = f"Allowed: {entry.kind.allowed}{f' ({entry.unit})' if entry.unit else ''}."
    facts += f" Required {entry.required}." if entry.required else ""
    facts += f" Not set: {entry.unset}." if entry.unset else ""
    return [*_comment(entry.help), *_comment(facts), f"{mark}{name} = {toml(value)}", ""]


def _comment(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent="# ", subsequent_indent="# ", break_long_words=False)

"""The tables of settings in the pages of config/, made from the model.

Contract: `settings_section(only)` answers Markdown for all tables, or for those that a page is about;
`with_section(page)` puts it between the page's two marks.
"""

from collections.abc import Sequence
from typing import Any

from agent.config.model import Settings
from agent.config.permission import MEDIA, NEVER, OPTIONS, Name
from agent.config.plain import toml
from agent.config.setting import Effect, Setting, Table, default_of, entries

BEGIN = "<!-- settings: made by python -m agent.config.generate -->"
END = "<!-- end of settings -->"
# Where yes or no is not the whole answer.
_REMOTELY = {
    MEDIA: "yes, below media_roots and on media_hosts",
    OPTIONS: "yes, harmless ones",
    **dict.fromkeys(NEVER, "never"),
}


def settings_section(only: Sequence[str] = ()) -> str:
    """One Markdown table for each table of the configuration, or for each that `only` names, as "kaltura.session"."""
    return "\n".join(_table(Settings, (), frozenset(only)))


def with_section(page: str, only: Sequence[str] = ()) -> str:
    """`page` with what stands between its marks made anew; ValueError where it has no marks."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page lacks the marks {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{settings_section(only)}\n{END}{after}"


def _table(model: type[Any], path: tuple[str, ...], only: frozenset[str]) -> list[str]:
    lines: list[str] = []
    is_wanted = not only or ".".join(path) in only
    settings = [(name, entry) for name, entry in entries(model) if isinstance(entry, Setting)]
    if settings and is_wanted:
        lines += [
            "",
            "| setting | what it does | allowed | default | a change | remotely |",
            "|---|---|---|---|---|---|",
        ]
        lines += [_row((*path, name), entry, default_of(model, name)) for name, entry in settings]
    for name, entry in entries(model):
        if isinstance(entry, Table):
            here = (*path, name)
            header = ".".join(here)
            title = f"`[[{header}]]`" if entry.many else f"`[{header}]`"
            lines += ["", f"### {title}", "", entry.help] if not only or header in only else []
            lines += _table(entry.model, here, only)
    return lines


def _row(name: Name, entry: Setting, default: Any) -> str:
    if default is None or default in ("", ()):
        standing = f"required {entry.required}" if entry.required else entry.unset or "none"
    else:
        standing = f"`{toml(default)}`"
    allowed = entry.kind.allowed + (f" ({entry.unit})" if entry.unit else "")
    change = "at once" if entry.effect is Effect.LIVE else f"restarts the {entry.effect.value.partition(':')[2]}"
    cells = (f"`{name[-1]}`", entry.help, allowed, standing, change, _remotely(name, entry))
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _remotely(name: Name, entry: Setting) -> str:
    return _REMOTELY.get(name) or ("yes" if entry.remote else "no")

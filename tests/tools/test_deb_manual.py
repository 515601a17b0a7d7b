"""The manual pages: complete, since they are all that a console without a network has."""

import re
import shutil
import subprocess
from pathlib import Path

import click
import pytest

from agent.cli.main import kiosk_agent
from agent.config.model import Settings
from agent.config.setting import Setting, walk
from tools.deb.manual import actions, commands, host_parser, pages
from tools.deb.roff import Page, escape, prose

EPOCH = 1_793_491_200
PAGES = pages("1.0", EPOCH)


def plain(place: str) -> str:
    """A page's words without roff's own."""
    text = PAGES[place]
    return re.sub(r"\\f[BR]|\\&", "", text).replace(r"\-", "-").replace(r"\e", "\\")


def test_each_command_and_option_stands_in_the_page() -> None:
    """An option that the page does not name is found by nobody."""
    page = plain("/usr/share/man/man1/kiosk-agent.1")
    blocks = dict(re.findall(r'\.SS "([^"]+)"\n(.*?)(?=\n\.S[SH] )', page, flags=re.DOTALL))
    found = {path: block for title, block in blocks.items() for path in [title]}
    for context, command in commands(kiosk_agent, "kiosk-agent"):
        if context.parent is None:
            continue
        title = " ".join([context.command_path, *command.collect_usage_pieces(context)])
        assert title in found
        for option in command.get_params(context):
            if isinstance(option, click.Option) and not option.hidden:
                assert [] == [name for name in option.opts if f"{name}" not in found[title]], title


def test_each_option_of_the_player_stands_in_its_page() -> None:
    """kiosk-player is started by units that people write drop-ins for."""
    page = plain("/usr/share/man/man1/kiosk-player.1")
    known = [name for action in actions(host_parser()) for name in action.option_strings]
    assert "--socket" in known
    assert [] == [name for name in known if name not in page]


def test_each_setting_stands_in_its_table_with_its_words() -> None:
    """The page is what somebody reads who edits the file on the kiosk."""
    page = plain("/usr/share/man/man5/kiosk-agent.toml.5")
    parts = re.split(r'\.SH "', page)
    by_header = {part.partition('"')[0].strip("[]"): part for part in parts}
    settings = [(path, entry) for path, _, entry in walk(Settings) if isinstance(entry, Setting)]
    assert 50 < len(settings)
    for path, entry in settings:
        part = by_header[".".join(path[:-1])]
        assert f".TP\n{path[-1]}\n" in part
        assert " ".join(entry.help.replace("`", "").split())[:60] in " ".join(part.split())


@pytest.mark.skipif(shutil.which("man") is None, reason="man is not installed")
@pytest.mark.parametrize("place", PAGES)
def test_page_is_shown_without_a_warning(place: str, tmp_path: Path) -> None:
    """A warning is a line that a reader does not see, or sees as rubbish."""
    path = tmp_path / Path(place).name
    path.write_text(PAGES[place], encoding="utf-8")
    command = ["man", "--warnings", "-E", "UTF-8", "-l", str(path)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    )
    assert (0, "") == (done.returncode, done.stderr)
    assert "KIOSK-" in done.stdout


def test_text_is_never_taken_as_markup() -> None:
    """A help text may begin with a dot, or hold a backslash of Windows."""
    assert "\\&.TH is a dot\nC:\\e\\-x\n\\&'quoted" == escape(".TH is a dot\nC:\\-x\n'quoted")
    assert "do \\fBthis \\-x\\fR now" == prose("do\n   `this -x` now")


def test_help_that_keeps_its_lines_keeps_them() -> None:
    """click's examples are commands to be copied."""
    page = Page("x", 1, EPOCH, "1")
    page.lay("Words\n    of help.\n\n    \b\n    first\n    second\n")
    assert "Words of help." in page.text()
    assert "first\nsecond" in page.text()

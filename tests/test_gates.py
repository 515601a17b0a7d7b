"""Gates: what must hold for the whole repository, and would otherwise hold until somebody is in a hurry."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from agent.cli.main import kiosk_agent
from agent.kernel.diagram import state_diagram

ROOT = Path(__file__).parents[1]
FOLDERS = ("agent", "tools", "tests", "config", "systemd", ".ci")
PYTHON = sorted(path for folder in ("agent", "tools", "tests") for path in (ROOT / folder).rglob("*.py"))
MODULES = [path for path in PYTHON if path.is_relative_to(ROOT / "agent") and path.name != "__init__.py"]
PAGES = [*ROOT.glob("*.md"), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.md"))]
LONGEST = 300


def texts() -> Iterator[tuple[Path, str]]:
    """Every text file of the repository."""
    found = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if "__pycache__" not in path.parts]
    for path in [*(path for path in ROOT.glob("*.*")), *found]:
        if path.is_file():
            try:
                yield path, path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue


def names(paths: list[Path]) -> list[str]:
    """Paths as a person reads them, in a failure's message."""
    return [str(path.relative_to(ROOT)) for path in paths]


def test_no_file_is_longer_than_a_person_reads_at_once() -> None:
    """A file of more than 300 lines has two purposes. The vectors' program came with the recordings as it is."""
    long = [path for path in PYTHON if len(path.read_text(encoding="utf-8").splitlines()) > LONGEST]
    assert [] == names([path for path in long if path != ROOT / "tests" / "vectors" / "replay.py"])


# The version's one line, which the tests of the build and the command line read; and what the broker's connection and
# the main loop tell each other: values and a protocol, without a rule of their own.
UNTESTED = {"agent/kernel/release.py", "agent/remote/letters.py", "agent/remote/line.py"}


def test_each_module_has_a_test_beside_it() -> None:
    """tests/ mirrors agent/: who changes a module knows where its tests are, and that there are some."""
    missing = []
    for path in MODULES:
        inside = path.relative_to(ROOT / "agent")
        if not (ROOT / "tests" / inside.parent / f"test_{inside.name}").exists():
            missing.append(path)
    assert sorted(UNTESTED) == names(missing)


def commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    """`command` and all below it, each with how it is called."""
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from commands(below, f"{path} {name}")


COMMANDS = dict(commands(kiosk_agent, "kiosk-agent"))


@pytest.mark.parametrize("path", COMMANDS)
def test_each_command_and_option_explains_itself(path: str) -> None:
    """Whoever is at a kiosk's console has --help and nothing else."""
    command = COMMANDS[path]
    assert command.help
    options = [each for each in command.params if isinstance(each, click.Option)]
    assert [] == [each.name for each in options if not each.help]


def test_each_command_stands_in_the_read_me() -> None:
    """A command that the first page does not name is found by nobody."""
    page = (ROOT / "README.md").read_text(encoding="utf-8").replace("\\|", "|")
    rows = [set(re.split(r"[ |]", row)) for row in re.findall(r"`kiosk-agent ([^`]*)`", page)]
    leaves = [path.split()[1:] for path, command in COMMANDS.items() if not isinstance(command, click.Group)]
    assert [] == [leaf for leaf in leaves if not any(set(leaf) <= row for row in rows)]


def imported(path: Path) -> set[str]:
    """The top-level packages that a module imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
    return found


@pytest.mark.parametrize(
    ("library", "door"),
    [
        ("vlc", ["agent/player/libvlc.py"]),
        ("urllib3", ["agent/sinks/http/client.py"]),
        ("sqlite_utils", ["agent/outbox/connection.py"]),
        ("paho", ["agent/remote/mqtt.py"]),
        ("jeepney", ["agent/player/attached/bus.py"]),
    ],
)
def test_library_has_one_door(library: str, door: list[str]) -> None:
    """Its defects are met, and its successor is put, in one place."""
    assert door == names([path for path in MODULES if library in imported(path)])


FORBIDDEN = ("vlc", "jeepney", "rich", "pydantic", "pandas", "numpy", "dateutil")


def test_daemon_loads_nothing_that_it_does_not_need() -> None:
    """Each of these is megabytes on a machine with few; libvlc's faults belong into another process."""
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from agent.cli.main import keep_rich_out\n"
        "keep_rich_out()\n"
        "from agent.config.files import load\n"
        "from agent.runtime import life\n"
        "load(Path('config/agent.example.toml'))\n"
        "print(' '.join(name for name, module in sys.modules.items() if module is not None))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert 0 == done.returncode, done.stderr
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert {"agent", "structlog", "sqlite_utils", "urllib3"} <= loaded
    assert set() == loaded & set(FORBIDDEN)


def test_package_files_are_empty() -> None:
    """What stands in one is imported by everybody, and found by nobody."""
    packages = [path for path in PYTHON if path.name == "__init__.py"]
    assert [] == names([path for path in packages if path.read_text(encoding="utf-8").strip()])


def test_diagram_of_the_session_is_the_trackers_own() -> None:
    """Drawn from the table that the tracker obeys: run `python -m tests.test_gates` to put it in anew."""
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    assert page == with_diagram(page)
    assert state_diagram() in page


def with_diagram(page: str) -> str:
    """`page` with the present diagram between its marks."""
    drawn = f"<!-- session-diagram -->\n\n```mermaid\n{state_diagram()}\n```\n\n<!-- /session-diagram -->"
    return re.sub(r"<!-- session-diagram -->(.*<!-- /session-diagram -->)?", lambda _: drawn, page, flags=re.DOTALL)


# Written so that this file is not found itself.
ELSEWHERE = re.compile(
    r"pypi\.org|pythonhosted\.org|npmjs\.(?:org|com)|crates\.io\b|proxy\.golang|(?<![\w.-])/wor[k]/|/tmp/bas[h]"
)


def test_no_text_names_a_registry_or_a_folder_of_one_machine() -> None:
    """A clone must work anywhere: behind a mirror, and in another folder."""
    assert [] == [
        f"{path.relative_to(ROOT)}: {found[0]}" for path, text in texts() for found in ELSEWHERE.finditer(text)
    ]


def test_each_test_says_why_anyone_should_care() -> None:
    """A failing test is read by somebody who did not write it."""
    silent = []
    for path in PYTHON:
        if path.is_relative_to(ROOT / "tests"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and not ast.get_docstring(node):
                    silent.append(f"{path.name}: {node.name}")
    assert [] == silent


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_each_link_of_a_page_leads_somewhere(page: Path) -> None:
    """A page that is found by its dead link is not found."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    assert [] == [link for link in links if link and not (page.parent / link).exists()]


if __name__ == "__main__":
    architecture = ROOT / "ARCHITECTURE.md"
    architecture.write_text(with_diagram(architecture.read_text(encoding="utf-8")), encoding="utf-8")

"""The protocol's page says what the program does: its table is made from the schema, and its examples are run."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.intake.schema import TYPES, Field
from agent.intake.submission import Reason
from agent.kernel.activity import Deed
from tests.support.applications import Application, Loop, serving

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "agent" / "intake" / "README.md"
BEGIN, END = "<!-- types: made by python -m tests.intake.test_page -->\n", "<!-- end of types -->"
SOCKET = "/run/kiosk-agent/intake.sock"


def table() -> str:
    """Every type and field."""
    groups: dict[tuple[Field, ...], list[str]] = {}
    for name, fields in TYPES.items():
        groups.setdefault(fields, []).append(f"`{name}`")
    rows = [f"| {', '.join(names)} | {', '.join(map(key, fields))} |" for fields, names in groups.items()]
    known = {field.name: field for fields in TYPES.values() for field in fields}
    explained = [f"| `{field.name}` | {field.help} | {field.kind.allowed} |" for field in known.values()]
    types = ["", "| type | fields |", "|---|---|", *rows, ""]
    return "\n".join([*types, "| field | what it says | allowed |", "|---|---|---|", *explained, "", ""])


def key(field: Field) -> str:
    return f"`{field.name}` (required)" if field.required else f"`{field.name}`"


def with_table(page: str) -> str:
    """`page` with the present table between its marks."""
    head, _, rest = page.partition(BEGIN)
    return head + BEGIN + table() + END + rest.partition(END)[2]


def test_table_of_types_is_fresh() -> None:
    """Run `python -m tests.intake.test_page` to put it in anew."""
    page = PAGE.read_text(encoding="utf-8")
    assert page == with_table(page)
    assert all(f"`{deed.value}`" in page for deed in Deed)


def test_each_reason_is_explained() -> None:
    """An application meets each of them one day."""
    page = PAGE.read_text(encoding="utf-8")
    assert [] == [reason.value for reason in Reason if f"\n| `{reason.value}` | " not in page]


def example(language: str) -> str:
    found = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert 1 == len(found)
    return str(found[0])


def shell(code: str, _folder: Path) -> list[str]:
    return ["/bin/sh", "-ec", code]


def python(code: str, _folder: Path) -> list[str]:
    return [sys.executable, "-c", code]


def node(code: str, _folder: Path) -> list[str]:
    return ["node", "-e", code]


def compiled(code: str, folder: Path) -> list[str]:
    (folder / "example.c").write_text(code)
    subprocess.run(["gcc", "-Wall", "-Werror", "-o", "example", "example.c"], check=True, cwd=folder, timeout=60)
    return [str(folder / "example")]


@pytest.mark.parametrize(
    ("language", "needs", "command", "types"),
    [
        ("sh", "sh", shell, ["PageViewed", "ButtonClicked", "Custom", "Engaged"]),
        ("python", "sh", python, ["PageViewed"]),
        ("javascript", "node", node, ["ButtonClicked"]),
        ("c", "gcc", compiled, ["Engaged"]),
    ],
)
def test_example_of_the_page_works(
    tmp_path: Path, language: str, needs: str, command: Callable[[str, Path], list[str]], types: list[str]
) -> None:
    """Everybody begins by copying one."""
    if shutil.which(needs) is None:
        pytest.skip(f"there is no {needs} here")
    path = tmp_path / "intake.sock"
    if len(os.fsencode(path)) > 100:
        pytest.skip("the temporary folder's path is too long for the examples")
    (tmp_path / "kiosk-agent").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m agent.cli.main "$@"\n')
    (tmp_path / "kiosk-agent").chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "RUNTIME_DIRECTORY": str(tmp_path),
    }
    loop = Loop()
    with serving(tmp_path, loop.put):
        done = subprocess.run(
            command(example(language).replace(SOCKET, str(path)), tmp_path),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            env=environment,
        )
    assert (0, "") == (done.returncode, done.stderr)
    assert types == [type(each.what).__name__ for each in loop.told]
    assert "g-1-0" in done.stdout


def test_conversation_at_the_top_is_what_is_said(tmp_path: Path) -> None:
    """The first thing that is read."""
    shown = re.findall(r"^([<>]) (.*)$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    with serving(tmp_path, Loop().put), Application(tmp_path) as app:
        for asked, answered in zip(shown[::2], shown[1::2], strict=True):
            app.send(asked[1].encode() + b"\n")
            answer, promised = app.answer(), json.loads(answered[1])
            assert list(promised) == list(answer)
            assert list(promised.get("error", promised.get("ok"))) == list(answer.get("error", answer.get("ok", {})))


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")

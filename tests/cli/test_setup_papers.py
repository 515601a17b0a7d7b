"""The page about images and the unit of the first boot say what the program does."""

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import click
import pytest

from agent.cli.main import kiosk_agent
from agent.cli.setup import setup
from agent.runtime.setup import boot
from agent.runtime.setup.boot import Taken
from agent.runtime.setup.checking import judge, staged
from agent.runtime.setup.draft import Draft
from agent.runtime.setup.places import BOOT_FOLDERS
from tests.support.setups import a_machine

SYSTEMD = Path(__file__).parents[2] / "systemd"
PAGE = (SYSTEMD / "images.md").read_text(encoding="utf-8")
UNIT = SYSTEMD / "kiosk-agent-firstboot.service"
# In tenths: what root needs (its user, two capabilities, the network) costs this much.
MOST_EXPOSED = 30


def blocks(language: str) -> list[str]:
    """The page's examples in that language."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def parsed(text: str) -> dict[str, Any] | None:
    """YAML as any Python of this machine reads it; None where none can."""
    code = "import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.stdin)))"
    for python in ("python3", "/usr/bin/python3"):
        if (program := shutil.which(python)) is not None:
            done = subprocess.run([program, "-c", code], input=text, capture_output=True, text=True, check=False)
            if done.returncode == 0:
                found: dict[str, Any] = json.loads(done.stdout)
                return found
    return None


def shaped(text: str) -> dict[str, Any]:
    """The same of just this example, read by its indentation: for machines without a parser."""
    content = re.search(r"    content: \|\n((?:      .*\n)+)", text)
    path = re.search(r"  - path: (\S+)", text)
    assert content and path and "\t" not in text
    config = "".join(line[6:] + "\n" for line in content[1].splitlines())
    commands = [re.split(r",\s*", each) for each in re.findall(r"^  - \[(.*)\]$", text, re.MULTILINE)]
    return {"write_files": [{"path": path[1], "content": config}], "runcmd": commands}


def test_user_data_is_yaml_that_makes_a_kiosk() -> None:
    """Somebody copies it onto a hundred cards."""
    (text,) = blocks("yaml")
    assert text.startswith("#cloud-config\n")
    by_shape = shaped(text)
    found = parsed(text) or by_shape
    (file,) = found["write_files"]
    assert by_shape == {"write_files": [file], "runcmd": found["runcmd"]}
    assert "/boot/firmware/kiosk-agent.toml" == file["path"]
    assert ["kiosk-agent", "setup", "--from-boot"] == found["runcmd"][-1]


@pytest.mark.parametrize("language", ["toml", "yaml"])
def test_file_for_the_boot_partition_is_one_that_is_taken(tmp_path: Path, language: str) -> None:
    """The page's own examples, with a token beside them."""
    (text,) = blocks(language)
    (tmp_path / boot.CONFIG_NAME).write_text(text if language == "toml" else shaped(text)["write_files"][0]["content"])
    (tmp_path / boot.TOKEN_NAME).write_text("0123456789abcdef")
    found = boot.find((tmp_path,))
    assert found is not None
    taken = boot.take(found, Draft())
    assert isinstance(taken, Taken)
    assert {"app-token": "0123456789abcdef"} == taken.draft.secrets
    place = a_machine(tmp_path / "machine")
    with staged(taken.draft, place) as folder:
        loaded = judge(taken.draft, place, folder).loaded
    assert loaded is not None
    assert ("device-001", "1_abcd1234") == (loaded.settings.device.id, loaded.settings.kaltura.session.app_token_id)


def test_each_command_of_the_page_exists_with_its_options() -> None:
    """A command that was renamed must not live on in a script of the page."""
    known = {name for each in setup.params for name in each.opts}
    text = re.sub(r"\\\n\s*|\n> ", " ", PAGE)
    calls = re.findall(r"kiosk-agent setup((?: +(?:--?[a-z-]+|\"[^\"]*\"|[A-Za-z0-9_./-]+))*)", text)
    options = {word for call in calls for word in shlex.split(call) if word.startswith("--")}
    assert {"--from-boot", "--image", "--replace", "--app-token-file", "--play", "--skip-checks"} <= options
    assert set() == options - known
    assert set() == {option for option in re.findall(r"`(--[a-z-]+)", PAGE) if option not in known}
    named = set(re.findall(r"`(?:sudo )?kiosk-agent ([a-z]+)", PAGE))
    assert isinstance(kiosk_agent, click.Group)
    assert set() == named - set(kiosk_agent.list_commands(click.Context(kiosk_agent)))


def directives() -> dict[str, list[str]]:
    """The unit's lines."""
    found: dict[str, list[str]] = {}
    for line in UNIT.read_text(encoding="utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


def test_unit_runs_where_something_lies_and_before_the_agent() -> None:
    """Every file that setup looks for is a reason to run it, and nothing else is."""
    unit = directives()
    names = (boot.CONFIG_NAME, boot.TOKEN_NAME)
    assert {f"|/{folder}/{name}" for folder in BOOT_FOLDERS for name in names} == set(unit["ConditionPathExists"])
    assert (True, ["notify"]) == ("kiosk-agent.service" in unit["Before"][0].split(), unit["Type"])
    assert ["/usr/bin/kiosk-agent setup --from-boot"] == unit["ExecStart"]
    assert not any("network" in value for key in ("After", "Wants", "Requires") for value in unit.get(key, []))
    assert {"/etc/kiosk-agent", "-/boot", "-/boot/firmware"} == set(unit["ReadWritePaths"][0].split())


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed here")
def test_unit_has_no_more_rights_than_it_needs(tmp_path: Path) -> None:
    """It is root's, so what it may not do is all the protection there is."""
    command = ["systemd-analyze", "security", "--offline=true", f"--threshold={MOST_EXPOSED}", str(UNIT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stdout[-400:]
    copy = tmp_path / UNIT.name
    copy.write_text(UNIT.read_text().replace("/usr/bin/kiosk-agent", "/bin/true").replace("Documentation=", "#"))
    checked = subprocess.run(["systemd-analyze", "verify", str(copy)], capture_output=True, text=True, check=False)
    assert [] == [line for line in checked.stderr.splitlines() if UNIT.name in line]

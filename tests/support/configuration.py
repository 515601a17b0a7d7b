"""Configuration files for tests."""

from pathlib import Path

from agent.config.files import Loaded, load
from agent.config.identity import Machine
from agent.config.problems import ConfigurationError, Problem

MACHINE = Machine(machine_id="0123456789abcdef0123456789abcdef", board_serial="10000000abcdef01")

# The least that is accepted, without a playlist.
SMALLEST = """\
[device]
id = "device-001"
[kaltura]
service_url = "http://127.0.0.1:8911/api_v3"
partner_id = 102
"""


def write(folder: Path, text: str) -> Path:
    """A configuration file with `text` in `folder`."""
    path = folder / "agent.toml"
    path.write_text(text, encoding="utf-8")
    return path


def loaded(folder: Path, text: str, **environment: str) -> Loaded:
    """`text`, loaded from a file in `folder` with nothing in the environment but what is given."""
    return load(write(folder, text), environment=environment, machine=MACHINE)


def problems(folder: Path, text: str, **environment: str) -> list[str]:
    """What is wrong with `text`, as people read it, the folder's name left out; [] where it can be used."""
    try:
        loaded(folder, text, **environment)
    except ConfigurationError as error:
        return texts(error.problems, folder)
    return []


def warnings(folder: Path, text: str, **environment: str) -> list[str]:
    """What is doubtful about `text`, which can be used."""
    return texts(loaded(folder, text, **environment).warnings, folder)


def texts(found: tuple[Problem, ...], folder: Path) -> list[str]:
    """Problems as people read them, the folder's name left out."""
    return [str(each).replace(f"{folder}/", "") for each in found]

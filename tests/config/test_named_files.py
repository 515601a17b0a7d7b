"""The files that settings name."""

from pathlib import Path
from typing import Any

import pytest

from agent.config.layers import Layer, merge
from agent.config.named_files import NamedFiles, Surroundings, named_files
from agent.config.problems import Place
from tests.support.configuration import MACHINE

PEM = b"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA\n-----END PRIVATE KEY-----\n"
KEY: Place = ("remote", "key_file")


def found(folder: Path, *passed_over: Place, **remote: Any) -> NamedFiles:
    return named_files(merge([Layer("f", {"remote": remote}, {})]), Surroundings(folder, {}, MACHINE), passed_over)


def put(path: Path, content: bytes, mode: int = 0o600) -> Path:
    path.write_bytes(content)
    path.chmod(mode)
    return path


def test_relative_names_start_at_the_files_folder(tmp_path: Path) -> None:
    """The daemon may stand in another one; a private key is a secret of many lines."""
    put(tmp_path / "key", PEM)
    put(tmp_path / "ca.pem", PEM, 0o644)
    files = found(tmp_path, key_file="key", ca_file="ca.pem")
    assert {KEY: tmp_path / "key", ("remote", "ca_file"): tmp_path / "ca.pem"} == files.paths
    assert ([], []) == (files.problems, files.warnings)


def test_file_that_cannot_be_used_is_a_problem(tmp_path: Path) -> None:
    """Without it there is no connection, and the reason would stand in a log that nobody reads."""
    put(tmp_path / "empty", b"")
    remedy = "Check the path, and that the agent's user may read the file."
    for name in ("ca_file", "certificate_file"):
        assert [
            f"remote.{name}: names the file {tmp_path}/none, which cannot be read: no such file or directory. {remedy}"
        ] == [str(each) for each in found(tmp_path, **{name: "none"}).problems]
    assert "which is empty" in str(found(tmp_path, ca_file="empty").problems[0])
    assert "which is empty" in str(found(tmp_path, key_file=str(tmp_path / "empty")).problems[0])
    assert "is a directory" in str(found(tmp_path, ca_file=str(tmp_path)).problems[0])


def test_key_that_everybody_may_read_is_doubted_and_a_certificate_is_not(tmp_path: Path) -> None:
    """A certificate is shown to the broker anyway."""
    put(tmp_path / "key", PEM, 0o644)
    files = found(tmp_path, key_file="key", certificate_file="key")
    assert ["which every user may read" in str(each) for each in files.warnings] == [True]
    assert KEY == files.warnings[0].place


@pytest.mark.parametrize("value", [5, "", None, [], "x\ny"])
def test_nonsense_is_left_to_the_check(tmp_path: Path, value: Any) -> None:
    """One fault, one message."""
    files = found(tmp_path, ca_file=value, key_file=value)
    assert ({}, []) == (files.paths, files.problems)


def test_what_is_passed_over_is_not_looked_for(tmp_path: Path) -> None:
    """A document that names /etc/shadow must not learn whether it is there."""
    files = found(tmp_path, KEY, key_file="/etc/shadow", ca_file="none")
    assert [("remote", "ca_file")] == [problem.place for problem in files.problems]
    assert [] == files.warnings

"""The package's version and time."""

import subprocess
from pathlib import Path

import pytest

from agent.kernel.release import BUILD_EPOCH, VERSION
from tools.deb.failure import BuildError
from tools.deb.release import debian_version, epoch


def test_preview_is_older_than_its_release_for_dpkg() -> None:
    """Otherwise a kiosk with a preview would never take the release."""
    assert ["1.2.0", "1.2.0~rc1", "1.2.0~a2"] == [debian_version(each) for each in ("1.2.0", "1.2.0rc1", "1.2.0a2")]
    done = subprocess.run(["dpkg", "--compare-versions", "1.2.0~rc1", "lt", "1.2.0"], check=False)
    assert 0 == done.returncode
    assert debian_version(VERSION)


def test_version_that_dpkg_cannot_order_ends_the_build() -> None:
    """A kiosk would keep it for ever."""
    with pytest.raises(BuildError):
        debian_version("1.2.dev5+local")


def test_time_is_the_one_that_is_asked_for() -> None:
    """It is how others make the same bytes again."""
    assert 1_700_000_000 == epoch({"SOURCE_DATE_EPOCH": "1700000000"})
    with pytest.raises(BuildError):
        epoch({"SOURCE_DATE_EPOCH": "yesterday"})


def test_time_is_the_last_commits_or_the_releases(tmp_path: Path) -> None:
    """Sources unpacked from an archive have no commits, and must not take today."""
    assert BUILD_EPOCH == epoch({}, tmp_path)
    assert BUILD_EPOCH < epoch({}) or not (Path(__file__).parents[2] / ".git").exists()

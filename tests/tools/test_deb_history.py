"""The package's changelog."""

import shutil
import subprocess

import pytest

from tools.deb.history import changelog

PAGE = (
    "# Changelog\n\n## Unreleased\n\n### The queue is faster\n\n- a\n\n## 0.2.0 (2026-12-01)\n\n### Installed\n\n- b\n"
)
WHO = "Somebody <somebody@example.com>"


def made(version: str, page: str = PAGE) -> str:
    return changelog(page, version=version, maintainer=WHO, epoch=1_793_491_200)


def test_changes_of_the_version_are_told() -> None:
    """apt-listchanges shows them before an upgrade."""
    assert "  * Installed.\n" in made("0.2.0")
    assert "  * The queue is faster.\n" in made("0.3.0"), "what is not released yet is what is built"


def test_page_without_sections_still_gives_an_entry() -> None:
    """dpkg-parsechangelog refuses an entry without a change."""
    assert "  * A new version.\n" in made("0.2.0", "# Changelog\n")


@pytest.mark.skipif(shutil.which("dpkg-parsechangelog") is None, reason="dpkg-dev is not installed")
def test_debians_own_reader_understands_it() -> None:
    """Dates and spaces count there."""
    read = subprocess.run(
        ["dpkg-parsechangelog", "-l", "-", "--format", "dpkg"],
        input=made("0.2.0"),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "" == read.stderr
    assert "Version: 0.2.0" in read.stdout
    assert "Timestamp: 1793491200" in read.stdout

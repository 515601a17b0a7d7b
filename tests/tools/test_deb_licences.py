"""Whose the libraries are."""

from pathlib import Path

import pytest

from tools.deb.failure import BuildError
from tools.deb.licences import Library, about, copyright_text

MIT = "Copyright (c) 2020 Somebody\n\nPermission is granted.\n"


def dist_info(folder: Path, metadata: str, texts: dict[str, str]) -> Path:
    place = folder / "thing-1.0.dist-info"
    (place / "licenses").mkdir(parents=True)
    (place / "METADATA").write_text(f"Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n{metadata}\n", encoding="utf-8")
    (place / "RECORD").write_text("thing/a.py,,\nthing.py,,\nthing-1.0.dist-info/METADATA,,\n", encoding="utf-8")
    for name, text in texts.items():
        (place / "licenses" / name).write_text(text, encoding="utf-8")
    return place


def test_library_is_described_by_its_own_metadata(tmp_path: Path) -> None:
    """What a person typed here would be wrong with the next version."""
    found = about(dist_info(tmp_path, "License-Expression: MIT", {"LICENSE": MIT}))
    assert ("thing", "1.0", "MIT", ("thing", "thing.py")) == (found.name, found.version, found.licence, found.files)
    assert "2020 Somebody" == found.holders()


@pytest.mark.parametrize(("metadata", "texts"), [("License: MIT", {}), ("", {"LICENSE": MIT})])
def test_library_without_a_licence_ends_the_build(tmp_path: Path, metadata: str, texts: dict[str, str]) -> None:
    """Nobody may pass on what has none."""
    with pytest.raises(BuildError, match="without a licence"):
        about(dist_info(tmp_path, metadata, texts))


def test_page_holds_each_text_and_refers_to_those_that_debian_has() -> None:
    """Debian's policy; and the licences want their text to go along."""
    apache = "Apache License\nTERMS AND CONDITIONS\nvery long\n"
    library = Library("thing", "1.0", "MIT", "", "", ("thing",), (("LICENSE", MIT), ("LICENSE-2", apache)))
    page = copyright_text([library], "/usr/lib/kiosk-agent")
    assert " Permission is granted." in page
    assert "very long" not in page
    assert "/usr/share/common-licenses/Apache-2.0" in page
    assert "Files: usr/lib/kiosk-agent/thing/*" in page

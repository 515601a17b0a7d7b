"""What is made from the model and kept in config/."""

from pathlib import Path

import pytest

from agent.config.generate import FOLDER, PAGES, documents, main


@pytest.mark.parametrize("name", ["agent.example.toml", "schema.json", *PAGES])
def test_generated_file_is_fresh(name: str) -> None:
    """Somebody changed the model: run `python -m agent.config.generate`."""
    path = FOLDER / name
    assert documents(FOLDER)[path] == path.read_text(encoding="utf-8")


def test_main_writes_all_of_them_and_keeps_the_prose(tmp_path: Path) -> None:
    """One command after a change of the model."""
    pages = {name: (FOLDER / name).read_text(encoding="utf-8") for name in PAGES}
    for name, text in pages.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    main(tmp_path)
    made = {"agent.example.toml", "schema.json", *PAGES}
    assert made == {path.name for path in tmp_path.iterdir()}
    assert pages == {name: (tmp_path / name).read_text(encoding="utf-8") for name in PAGES}

"""What is made from the model and kept in config/."""

from pathlib import Path

import pytest

from agent.config.generate import FOLDER, documents, main


@pytest.mark.parametrize("name", ["agent.example.toml", "schema.json", "README.md"])
def test_generated_file_is_fresh(name: str) -> None:
    """Somebody changed the model: run `python -m agent.config.generate`."""
    path = FOLDER / name
    assert documents(FOLDER)[path] == path.read_text(encoding="utf-8")


def test_main_writes_all_of_them_and_keeps_the_prose(tmp_path: Path) -> None:
    """One command after a change of the model."""
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    (tmp_path / "README.md").write_text(page, encoding="utf-8")
    main(tmp_path)
    assert ["README.md", "agent.example.toml", "schema.json"] == sorted(path.name for path in tmp_path.iterdir())
    assert page == (tmp_path / "README.md").read_text(encoding="utf-8")

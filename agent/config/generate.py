"""Writes what is made from the model: `python -m agent.config.generate`, from a checkout.

Contract: `documents(folder)` answers the texts of config/agent.example.toml, config/schema.json and the pages beside
them (whose prose is kept); `main` writes them. A test fails while they are not fresh.
"""

from collections.abc import Mapping
from pathlib import Path

from agent.config.example import example_text
from agent.config.schema import schema_text
from agent.config.tables import with_section

FOLDER = Path(__file__).resolve().parents[2] / "config"


# Each page with the tables that it is about; none: all of them.
PAGES: Mapping[str, tuple[str, ...]] = {
    "README.md": (),
    "stats-collect.md": ("kaltura", "kaltura.backlog", "kaltura.session"),
    "track-event.md": ("track_event", "track_event.max_age"),
    "xapi.md": ("xapi", "xapi.authentication"),
    "kiosk-application.md": ("intake", "intake.web", "visits"),
}


def documents(folder: Path) -> dict[Path, str]:
    """Each file with the text that it should have."""
    pages = {folder / name: only for name, only in PAGES.items()}
    return {
        folder / "agent.example.toml": example_text(),
        folder / "schema.json": schema_text(),
        **{page: with_section(page.read_text(encoding="utf-8"), only) for page, only in pages.items()},
    }


def main(folder: Path = FOLDER) -> None:
    """Writes the files."""
    for path, text in documents(folder).items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

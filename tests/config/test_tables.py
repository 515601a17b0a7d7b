"""The tables in config/README.md."""

import pytest

from agent.config.model import Settings
from agent.config.setting import Setting, walk
from agent.config.tables import BEGIN, END, settings_section, with_section


def test_every_setting_has_its_row() -> None:
    """A setting that is not documented does not exist for anybody but us."""
    section = settings_section()
    for path, _, entry in walk(Settings):
        if isinstance(entry, Setting):
            assert f"\n| `{path[-1]}` | {entry.help}" in section
        else:
            header = ".".join(path)
            assert f"### `[[{header}]]`" in section if entry.many else f"### `[{header}]`" in section


def test_every_row_has_as_many_cells_as_its_head() -> None:
    """A stray bar in a pattern would shift the columns."""
    rows = [row.replace("\\|", "") for row in settings_section().splitlines() if row.startswith("|")]
    assert {7} == {row.count("|") for row in rows}


def test_prose_round_the_section_is_kept() -> None:
    """The page is written by people; only the tables are made."""
    page = with_section(f"before\n{BEGIN}\nstale tables\n{END}\nafter\n")
    assert page.startswith(f"before\n{BEGIN}\n")
    assert page.endswith(f"{END}\nafter\n")
    assert "stale tables" not in page
    assert page == with_section(page)


def test_page_without_marks_is_refused() -> None:
    """Nothing is written over by mistake."""
    with pytest.raises(ValueError, match="marks"):
        with_section("a page")


def test_page_about_some_tables_has_those_and_no_others() -> None:
    """A page about one destination is not a copy of the whole."""
    page = settings_section(["kaltura.session"])
    assert "### `[kaltura.session]`" in page
    assert "app_token_id" in page
    assert "### `[kaltura]`" not in page
    assert "`service_url`" not in page


def test_rows_say_what_a_broker_may_set() -> None:
    """Where yes or no is not the whole answer, the row says the rest."""
    rows = [row for row in settings_section(["remote"]).splitlines() if row.startswith("| `")]
    ends = {row.split("`")[1]: row.split(" | ")[-1].rstrip(" |") for row in rows}
    assert ("never", "never", "no", "yes") == tuple(ends[name] for name in ("allow", "base", "url", "report_every_s"))
    items = settings_section(["player.playlist"])
    assert "yes, below media_roots and on media_hosts |" in items
    assert "yes, harmless ones |" in items

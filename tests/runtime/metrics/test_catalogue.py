"""The names of the metrics, and the page that is made of them."""

import re
import sys
from pathlib import Path

import pytest

from agent.fleet.exporter_metrics import METRICS as FLEET
from agent.runtime.metrics.catalogue import METRICS
from agent.service.exposition import Metric, Type

PAGE = Path(__file__).parents[3] / "systemd" / "health.md"
TABLES = {"metrics": METRICS, "fleet-metrics": FLEET}
# What a name of a number without a unit may end with here: a state, a count of things, or a text.
_UNITS = re.compile(r"_(seconds|bytes|celsius|total|info)$")


def table(metrics: tuple[Metric, ...]) -> str:
    """The rows of the page."""
    rows = [
        f"| `{each.name}` | {each.type.value} | {', '.join(f'`{name}`' for name in each.labels) or '-'} | {each.help} |"
        for each in metrics
    ]
    return "\n".join(["| metric | type | labels | what it says |", "|---|---|---|---|", *rows])


def with_tables(page: str) -> str:
    """`page` with the present tables between their marks."""
    for name, metrics in TABLES.items():
        begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
        before, _, rest = page.partition(begin)
        _, _, after = rest.partition(end)
        page = f"{before}{begin}\n\n{table(metrics)}\n\n{end}{after}"
    return page


def test_each_metric_is_documented() -> None:
    """Run `python -m tests.runtime.metrics.test_catalogue` to put the tables in anew."""
    page = PAGE.read_text(encoding="utf-8")
    assert with_tables(page) == page


@pytest.mark.parametrize("metric", [*METRICS, *FLEET], ids=lambda each: each.name)
def test_name_follows_the_conventions(metric: Metric) -> None:
    """A rule of somebody's, as rate(…_total), works with names that follow them alone."""
    assert re.fullmatch("kiosk_(agent|fleet)(_[a-z]+)+", metric.name)
    assert (metric.type is Type.COUNTER) == metric.name.endswith("_total")
    assert metric.help.endswith(".")
    if any(unit in metric.name for unit in ("seconds", "bytes", "celsius")):
        assert _UNITS.search(metric.name)


def test_names_are_there_once() -> None:
    """Two of one name would be one family with two meanings."""
    found = [each.name for each in (*METRICS, *FLEET)]
    assert len(found) == len(set(found))


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    sys.exit(0)

"""The question to report.getTable and its answer."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.sinks.kaltura.report import COUNTED, QUARTILES, Report, Table, Window, parameters, read_table

ENTRY = "0_abcd1234"


def answered(header: str, data: str) -> dict[str, Any]:
    return {"header": header, "data": data, "totalCount": 1, "objectType": "KalturaReportTable"}


def counts(value: object) -> object:
    table = read_table(value)
    return None if table is None else table.counts(ENTRY)


def test_question_is_the_guides() -> None:
    """Section 10.2, parameter by parameter."""
    assert {
        "reportType": "38",
        "reportInputFilter[objectType]": "KalturaEndUserReportInputFilter",
        "reportInputFilter[fromDate]": "1800000000",
        "reportInputFilter[toDate]": "1800003600",
        "reportInputFilter[entryIdIn]": ENTRY,
        "pager[pageSize]": "5",
        "pager[pageIndex]": "1",
        "responseOptions[objectType]": "KalturaReportResponseOptions",
        "responseOptions[delimiter]": "|",
    } == parameters(Report.TOP_CONTENT, Window(1_800_000_000, 1_800_003_600), entry_id=ENTRY)


def test_question_for_the_whole_account_names_no_entry() -> None:
    """It tells a report that stands still from an entry that is not counted."""
    asked = parameters(Report.CONTENT_DROPOFF, Window(1, 2), entry_id=None)
    assert ("2", False) == (asked["reportType"], "reportInputFilter[entryIdIn]" in asked)


@pytest.mark.parametrize(
    ("header", "data", "found"),
    [
        ("object_id|entry_name|count_plays", f"{ENTRY}|A|3", {"count_plays": 3}),
        ("count_plays|x|object_id", f"3|y|{ENTRY};", {"count_plays": 3}),
        ("object_id|count_plays|count_plays_25", f"{ENTRY}|2|1;0_other|9|9;", {"count_plays": 2, "count_plays_25": 1}),
        ("object_id|count_plays", "0_other|9", {"count_plays": 0}),
        ("object_id|count_plays", "", {"count_plays": 0}),
        ("object_id|count_plays", f"{ENTRY}|1;{ENTRY}|2", {"count_plays": 3}),
        ("object_id|count_plays", f"{ENTRY}|2.0", {"count_plays": 2}),
        ("object_id|count_plays", f"{ENTRY}|", {"count_plays": 0}),
        ("object_id|plays", f"{ENTRY}|2", {}),
        ("", "", dict.fromkeys(COUNTED, 0)),
        (None, None, dict.fromkeys(COUNTED, 0)),
    ],
)
def test_numbers_are_found_by_the_columns_names(header: str | None, data: str | None, found: dict[str, int]) -> None:
    """Tables gain and lose columns; a number read by its place would be another one then."""
    assert found == counts({"header": header, "data": data, "totalCount": 0, "objectType": "KalturaReportTable"})


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        [],
        "table",
        {"objectType": "KalturaReportTotal", "header": "object_id", "data": ENTRY},
        answered("object_id|count_plays", f"{ENTRY}|1|1"),
        answered("object_id|count_plays", f"{ENTRY},1"),
        answered("object_id|count_plays", f"{ENTRY}|many"),
        answered("object_id|count_plays", f"{ENTRY}|nan"),
        answered("object_id|count_plays", f"{ENTRY}|1.5"),
        answered("", f"{ENTRY}|1"),
        answered("object_id|count_plays", f"{ENTRY}|-1"),
        {**answered("object_id", ""), "header": ["object_id"]},
    ],
)
def test_what_is_no_table_is_not_zero(value: object) -> None:
    """A wrong zero would call a play lost that was counted."""
    assert counts(value) is None


texts = st.text(st.characters(exclude_characters="|;", exclude_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=8)


@given(
    st.lists(texts, max_size=4, unique=True),
    st.permutations(["object_id", *COUNTED]),
    st.lists(st.integers(0, 10**6), min_size=5, max_size=5),
)
def test_any_order_of_columns_gives_the_same_numbers(more: list[str], order: list[str], numbers: list[int]) -> None:
    """Whatever a later service adds."""
    cells = {"object_id": ENTRY, **dict(zip(COUNTED, map(str, numbers), strict=True))}
    columns = [*order, *(name for name in more if name not in cells)]
    row = "|".join(cells.get(name, "x") for name in columns)
    assert dict(zip(COUNTED, numbers, strict=True)) == counts(answered("|".join(columns), f"{row};"))


@given(
    st.recursive(st.none() | st.text() | st.integers(), lambda each: st.dictionaries(st.text(), each) | st.lists(each))
)
def test_nothing_that_comes_raises(value: object) -> None:
    """A portal may answer any JSON."""
    assert read_table(value) is None
    assert isinstance(read_table({"objectType": "KalturaReportTable", "header": value, "data": ""}), Table | None)


def test_quartiles_are_in_their_order() -> None:
    """25, 50, 75, 100."""
    assert ("25", "50", "75", "100") == tuple(name.rpartition("_")[2] for name in QUARTILES)

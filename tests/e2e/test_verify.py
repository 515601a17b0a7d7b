"""`kiosk-agent verify` against the collector's reports: each outcome and each reason."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.cli.exits import Exit
from tests.support.verification import ENTRY, OTHER, PLAYED, Bench, MovedClock, benches
from tools.standin.faults import Ignore, Lost, Refuse, http_error
from tools.standin.report import OLD_COLUMNS

COLLECT = {"action": "collect"}


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """Events appear after twenty minutes, as the guide says, while visitors watch something else."""
    yield from benches(tmp_path, monkeypatch, MovedClock())


def kept(bench: Bench) -> list[Path]:
    """The files of test plays that are not settled."""
    return sorted((bench.folder / "kept").iterdir())


def expect(bench: Bench, outcome: str, why: str, *arguments: str, sent: int | None = 7) -> str:
    """Run it; its one line must begin so. `sent`: how many events must have arrived. The line."""
    result = bench.run(*(arguments or ("--entry", ENTRY)))
    codes = {"counted": Exit.OK, "not counted": Exit.FAILED, "inconclusive": Exit.INCONCLUSIVE}
    assert (codes[outcome], 1) == (result.exit_code, result.stdout.count("\n")), result.output
    assert result.stdout.startswith(f"{outcome}: ")
    assert why in result.stdout
    if sent is not None:
        assert sent == len(bench.of_entry())
    return result.stdout


def test_play_that_arrives_is_counted(bench: Bench) -> None:
    """The answer that an operator hopes for, after a new installation, with one look at the last line."""
    result = bench.run("--entry", ENTRY)
    assert (0, f"counted: the report shows 1 of 1 play, 4 of 4 quartiles of {ENTRY}\n") == (
        result.exit_code,
        result.stdout,
    )
    assert "0 of 1 play, 0 of 4 quartiles; next look in" in result.stderr
    assert 1200 <= sum(bench.pauses) <= 1500
    assert [] == kept(bench)


def test_test_play_looks_like_a_play_of_this_kiosk_and_is_marked(bench: Bench) -> None:
    """What proves nothing about real plays is no proof; what cannot be told from them is a nuisance."""
    bench.run("--entry", ENTRY)
    events = bench.of_entry()
    assert list(PLAYED) == [event["eventType"] for event in events]
    assert {"kiosk://device-001/verify"} == {event["referrer"] for event in events}
    assert 1 == len({event["sessionId"] for event in events})
    assert 7 == len({event["_request"]["eventId"] for event in events})
    assert sorted(event["eventTimestamp"] for event in events) == [event["eventTimestamp"] for event in events]


@pytest.mark.parametrize("setting", ['request_style = "get-beacon"', 'event_semantics = "player"'])
def test_play_goes_as_this_kiosk_is_told_to_send(bench: Bench, setting: str) -> None:
    """Above all for beacons, whose answer says nothing: this is the one way to know."""
    bench.configure(setting)
    expect(bench, "counted", "4 of 4 quartiles")
    methods = {request.method for request in bench.collector.requests if "collect" in request.target}
    assert {"GET" if "beacon" in setting else "POST"} == methods


def test_play_that_never_appears_while_others_do_is_not_counted(bench: Bench) -> None:
    """The service takes the events and counts them nowhere: the fault that nothing else shows."""
    bench.collector.fault(Ignore(), where={"entryId": ENTRY})
    bench.played(OTHER)
    expect(bench, "not counted", "35 min the report shows plays of other entries and none of", sent=0)
    assert [] == kept(bench)


def test_report_that_shows_nothing_at_all_proves_nothing(bench: Bench) -> None:
    """The pipeline behind the reports may stand still; that is not the kiosk's fault."""
    bench.collector.reports.is_empty = True
    bench.played(OTHER)
    expect(bench, "inconclusive", "the report shows no play of any entry")
    assert 1 == len(kept(bench))


def test_entry_with_plays_of_its_own_gets_no_test_play(bench: Bench) -> None:
    """Whose play was counted, nobody could tell; so none is added to the account's reports."""
    bench.collector.reports.delay_s = 0.0
    bench.played(ENTRY)
    expect(bench, "inconclusive", f"already has 1 of {ENTRY} in this hour", sent=7)


def test_entry_that_somebody_else_plays_meanwhile_is_noticed(bench: Bench) -> None:
    """Two plays where one was sent."""
    bench.meanwhile = lambda: bench.played(ENTRY) if len(bench.pauses) == 1 else None
    bench.collector.reports.delay_s = 1150.0
    expect(bench, "inconclusive", "gained 2 of a kind where 1 was sent", sent=14)


def test_devices_session_has_no_right_to_ask(bench: Bench) -> None:
    """Said before anything is sent, and with what to do."""
    bench.ks_file.write_text(bench.session("usersecret102", "&type=0"))
    line = expect(bench, "inconclusive", "no right to ask reports (SERVICE_FORBIDDEN)", sent=0)
    assert "administrator's" in line


@pytest.mark.parametrize("ks", ["garbage-that-is-no-session", "expired"])
def test_refused_session_is_told_without_being_shown(bench: Bench, ks: str) -> None:
    """INVALID_KS echoes the session in its message; a screen is photographed."""
    if ks == "expired":
        ks = bench.session(more="&type=2&expiry=10")
        bench.clock.now += 20
    bench.ks_file.write_text(ks)
    line = expect(bench, "inconclusive", "the operator's session was refused (INVALID_KS", sent=0)
    assert ks not in line


def test_session_that_ends_while_waiting_can_be_replaced(bench: Bench) -> None:
    """Half an hour is longer than some sessions live: the play is sent already and must not be lost."""
    bench.ks_file.write_text(bench.session(more="&type=2&expiry=300"))
    expect(bench, "inconclusive", "the operator's session was refused")
    bench.ks_file.write_text(bench.session())
    (file,) = kept(bench)
    expect(bench, "counted", "1 of 1 play", "--resume", str(file))
    assert [] == kept(bench)


def test_events_that_do_not_get_through_are_the_reason(bench: Bench) -> None:
    """Then the report has nothing to do with it."""
    bench.collector.fault(http_error(503), where=COLLECT)
    expect(bench, "inconclusive", "0 of 7 events were delivered, then WIDGET_LOADED: HTTP 503", sent=0)
    assert [1.0, 2.0, 4.0] == bench.pauses
    assert [] == kept(bench)


def test_refused_event_is_named_with_the_services_words(bench: Bench) -> None:
    """As in a dead letter."""
    bench.collector.fault(Refuse("INVALID_ENUM_VALUE"), where={"eventType": "4"})
    expect(bench, "inconclusive", "3 of 7 events were delivered, then PLAY_REACHED_25: INVALID_ENUM_VALUE", sent=3)


def test_lost_answer_is_repeated_and_counted_once(bench: Bench) -> None:
    """A bad line must not make two plays of one."""
    bench.collector.fault(Lost(), times=1, where={"eventType": "3"})
    expect(bench, "counted", "1 of 1 play")


def test_service_that_is_not_there_gets_nothing(bench: Bench) -> None:
    """The network is the first thing that is missing."""
    bench.collector.take_away()
    expect(bench, "inconclusive", "the service cannot be reached", sent=0)


@pytest.mark.parametrize(("ahead", "word"), [(7200.0, "behind"), (-7200.0, "ahead of")])
def test_clock_that_is_far_off_explains_a_missing_play(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ahead: float, word: str
) -> None:
    """A kiosk without a battery: the play may stand in another hour's report."""
    for bench in benches(tmp_path, monkeypatch, MovedClock(ahead=ahead)):
        bench.collector.fault(Ignore(), where={"entryId": ENTRY})
        bench.played(OTHER)
        expect(bench, "inconclusive", f"the device's clock is 120 min {word} the service's", sent=0)


def test_clock_that_is_off_does_not_hide_a_counted_play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The service dates on arrival, and the report is asked by the service's clock."""
    for bench in benches(tmp_path, monkeypatch, MovedClock(ahead=86_400.0)):
        expect(bench, "counted", "4 of 4 quartiles")


@pytest.mark.parametrize("minutes", ["0", "5"])
def test_wait_that_is_too_short_is_no_answer_and_can_go_on(bench: Bench, minutes: str) -> None:
    """`--wait 0` asks once: for a script that comes back later."""
    line = expect(bench, "inconclusive", "but events take up to 30 min", "--entry", ENTRY, "--wait", minutes)
    assert ("after 0 s" if minutes == "0" else "after 5 min") in line
    (file,) = kept(bench)
    assert stat.S_IRUSR | stat.S_IWUSR == stat.S_IMODE(file.stat().st_mode)
    bench.clock.now += 1200
    expect(bench, "counted", "1 of 1 play", "--resume", str(file), "--wait", "0")
    assert [] == kept(bench)


def test_table_with_other_columns_is_shown_and_nothing_is_sent(bench: Bench) -> None:
    """A later service may call plays something else: a wrong zero would be worse than no answer."""
    bench.collector.reports.columns = ("entry", "plays")
    expect(bench, "inconclusive", "no object_id or no count_plays, but: entry plays", sent=0)


def test_table_without_quartiles_is_completed_by_the_drop_off_report(bench: Bench) -> None:
    """Older services count quartiles there only."""
    bench.collector.reports.columns = OLD_COLUMNS
    expect(bench, "counted", "4 of 4 quartiles")


def test_report_by_the_hour_is_asked_for_whole_hours(bench: Bench) -> None:
    """Asked from the minute of the test play on, it would show nothing, and nobody would know why."""
    bench.collector.reports.is_hourly = True
    expect(bench, "counted", "1 of 1 play")


def test_part_of_a_play_is_no_answer(bench: Bench) -> None:
    """The play is there and its end is not: a person must look."""
    bench.collector.fault(Ignore(), where={"entryId": ENTRY, "eventType": "7"})
    bench.played(OTHER)
    expect(bench, "inconclusive", "shows a part, 1 of 1 play, 3 of 4 quartiles", sent=6)


def test_service_that_goes_away_while_waiting_is_waited_for(bench: Bench) -> None:
    """Half an hour on a kiosk's line is long."""

    def flicker() -> None:
        (bench.collector.take_away if len(bench.pauses) == 1 else bench.collector.bring_back)()

    bench.meanwhile = lambda: flicker() if len(bench.pauses) <= 2 else None
    expect(bench, "counted", "1 of 1 play")


def test_service_that_stays_away_leaves_the_play_to_be_found_later(bench: Bench) -> None:
    """Nothing is said about a report that nobody could read."""
    bench.meanwhile = lambda: bench.collector.take_away() if len(bench.pauses) == 1 else None
    expect(bench, "inconclusive", "the report cannot be asked")
    bench.collector.bring_back()
    bench.meanwhile = lambda: None
    expect(bench, "counted", "1 of 1 play", "--resume", str(kept(bench)[0]))

"""Asking the report, as an operator.

Contract: `Inquiry.look` gives an entry's numbers, `others` whether any entry has plays; each may give `Unasked`
instead. Nothing is raised that a network or a service can cause.
Rules: plays come from report 38, as the guide's section 10 asks; where that table has no quartiles, they come from the
drop-off report, and where the service has none, plays alone are compared. Each question carries a nonce, for
the service's cache must not answer with what was counted ten minutes ago.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from agent.kernel.verdict import Held, Later
from agent.sinks.http.client import Wire
from agent.sinks.kaltura import api
from agent.sinks.kaltura.api import Complaint, Result
from agent.sinks.kaltura.report import OBJECT, PLAYS, QUARTILES, Report, Table, Window, parameters, read_table

Key = Callable[[], str | Later | Held]
"""Gives the operator's session, or why there is none."""

SHOWN: Final = 200
"""Characters of a header that are shown: a table has at most some thirty columns."""


@dataclass(frozen=True, slots=True)
class Reading:
    """An entry's numbers by column. `time`: the service's clock (epoch s), None where it tells none."""

    counts: Mapping[str, int]
    time: float | None


@dataclass(frozen=True, slots=True)
class Unasked:
    """The report gave no numbers. `is_final`: it will not do so a minute later either."""

    why: str
    is_final: bool


class Inquiry:
    """One operator's questions to one service."""

    def __init__(self, wire: Wire, service_url: str, *, client_tag: str, key: Key) -> None:
        self._wire = wire
        self._service_url = service_url
        self._client_tag = client_tag
        self._key = key

    def look(self, window: Window, entry_id: str) -> Reading | Unasked:
        """What the report counts of `entry_id`."""
        found = self._table(Report.TOP_CONTENT, window, entry_id)
        if isinstance(found, Unasked):
            return found
        table, time = found
        counts = table.counts(entry_id)
        if counts is None:
            return Unasked("the report's table has something else than numbers in its columns", is_final=True)
        if PLAYS not in counts or OBJECT not in (table.columns or (OBJECT,)):
            header = " ".join(table.columns)[:SHOWN]
            return Unasked(f"the report's table has no {OBJECT} or no {PLAYS}, but: {header}", is_final=True)
        if not all(name in counts for name in QUARTILES):
            more = self._quartiles(window, entry_id)
            if isinstance(more, Unasked):
                return more
            counts = {PLAYS: counts[PLAYS], **more}
        return Reading(counts, time)

    def others(self, window: Window) -> bool | Unasked:
        """Whether the report shows plays of any entry at all."""
        found = self._table(Report.TOP_CONTENT, window, None)
        if isinstance(found, Unasked):
            return found
        table, _ = found
        return any((table.counts(row.get(OBJECT, "")) or {}).get(PLAYS) for row in table.rows)

    def _quartiles(self, window: Window, entry_id: str) -> Mapping[str, int] | Unasked:
        found = self._table(Report.CONTENT_DROPOFF, window, entry_id)
        if isinstance(found, Unasked):
            return {} if found.is_final else found
        counts = found[0].counts(entry_id) or {}
        return {name: counts[name] for name in QUARTILES if name in counts}

    def _table(self, report: Report, window: Window, entry_id: str | None) -> tuple[Table, float | None] | Unasked:
        ks = self._key()
        if not isinstance(ks, str):
            return Unasked(ks.text, is_final=isinstance(ks, Held))
        asked = {**parameters(report, window, entry_id=entry_id), api.NONCE: api.nonce()}
        found = api.call(self._wire, self._service_url, "report", "getTable", asked, client_tag=self._client_tag, ks=ks)
        match found:
            case Result(value=value, server_time=time):
                table = read_table(value)
                return (
                    (table, time) if table is not None else Unasked("the answer is no table of a report", is_final=True)
                )
            case Complaint():
                return _on_complaint(found)
            case Later(text=text):
                return Unasked(text, is_final=False)
            case Held(text=text):
                return Unasked(text, is_final=True)


def _on_complaint(found: Complaint) -> Unasked:
    if found.code.startswith(("SERVICE_FORBIDDEN", "ACTION_FORBIDDEN")):
        text = f"this session has no right to ask reports ({found.code}); use an administrator's, not a device's"
        return Unasked(text, is_final=True)
    if found.code in ("INVALID_KS", "MISSING_KS"):
        return Unasked(f"the operator's session was refused ({found.text}); give a new one", is_final=True)
    # A report that a heavy question made stumble may answer the next one.
    return Unasked(found.text, is_final=found.code in ("INVALID_ENUM_VALUE", "MISSING_MANDATORY_PARAMETER"))

"""What became of a document, for people.

Contract: `outcome_lines` and `counts` are pure; `progress` answers what tells a person at a terminal, meanwhile.
Rules: those that need somebody are named with their reasons; those that are well are counted, and named where they
are few.
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

import click

from agent.fleet.console import Console, bad, doubtful, good
from agent.fleet.outcomes import Outcome, Verdict
from agent.fleet.words import count, listed, plain

_WORDS = {
    Verdict.REFUSED: (bad, "refused it"),
    Verdict.RETURNED: (bad, "tried it and went back"),
    Verdict.SILENT: (bad, "did not answer"),
    Verdict.TRIAL: (doubtful, "still has it on trial"),
    Verdict.OFFLINE: (doubtful, "offline, will apply it when back"),
    Verdict.WAITING: (doubtful, "waiting"),
    Verdict.APPLIED: (good, "applied it"),
    Verdict.SUPERSEDED: (doubtful, "already have a later revision"),
}
# Devices that are well are named up to here.
FEW = 8


def counts(outcomes: Iterable[Outcome]) -> dict[str, int]:
    """How many devices have which verdict."""
    found = Counter(each.verdict for each in outcomes)
    return {verdict.value: found[verdict] for verdict in Verdict if found[verdict]}


def outcome_lines(outcomes: Sequence[Outcome]) -> list[str]:
    """Who applied it, who refused it and why, who is offline."""
    if not outcomes:
        return ["No device that is known belongs to it."]
    lines = []
    for verdict in Verdict:
        found = [each for each in outcomes if each.verdict is verdict]
        if not found:
            continue
        colour, words = _WORDS[verdict]
        names = f": {plain(listed([each.device for each in found], most=FEW))}" if not _named(found) else ""
        lines.append(colour(f"{count(len(found), 'device')} {words}{names}"))
        lines += [line for each in found if _named(found) for line in _reasons(each)]
    return lines


def progress(console: Console) -> Callable[[Mapping[str, Outcome]], None]:
    """Tells a person at a terminal how far it is, on one line that is written over."""
    if console.as_json or not sys.stderr.isatty():
        return lambda outcomes: None

    def tell(outcomes: Mapping[str, Outcome]) -> None:
        found = counts(outcomes.values())
        words = ", ".join(f"{number:,} {name}" for name, number in found.items())
        is_over = all(each.is_settled for each in outcomes.values())
        click.echo(f"\r\x1b[K{words}", nl=is_over, err=True)

    return tell


def _named(found: Sequence[Outcome]) -> bool:
    """Whether these are told one by one: they have reasons."""
    return any(each.reasons for each in found) and found[0].verdict is not Verdict.SUPERSEDED


def _reasons(each: Outcome) -> list[str]:
    first, *more = each.reasons or ("",)
    return [f"  {each.device}: {first}".rstrip(": "), *(f"    {reason}" for reason in more)]

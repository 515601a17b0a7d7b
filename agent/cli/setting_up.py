"""The course of `kiosk-agent setup`: ask, check, write, start, show the first event.

Contract: `set_up(order)` answers the exit status; raises click.UsageError where the command line is not enough.
Rules: nothing is written before everything was checked and agreed to. Who cannot be asked (no terminal) gets what is
missing and what failed as text, and nothing happens. A secret is neither shown nor taken from the command line.
"""

from collections.abc import Collection
from dataclasses import dataclass

import click

from agent.cli.exits import Exit
from agent.cli.layout import doubtful, show
from agent.cli.setting_up_conversation import ask_again, converse, may_replace
from agent.cli.setting_up_text import INTRODUCTION, arrival_lines, finding_lines, missing_text, replaced_lines
from agent.config.files import Loaded
from agent.config.problems import Place
from agent.outbox.errors import StoreError
from agent.runtime.checks.examination import examine as examine_all
from agent.runtime.checks.finding import Level
from agent.runtime.setup import boot
from agent.runtime.setup.applying import Existing, apply, replaces
from agent.runtime.setup.arrival import Absent, Arrived, await_event
from agent.runtime.setup.checking import examine, judge, silence, staged
from agent.runtime.setup.draft import Draft
from agent.runtime.setup.places import Places
from agent.runtime.setup.questions import QUESTIONS, answer, missing
from agent.runtime.setup.replacing import take_the_place
from agent.runtime.setup.service import Service


@dataclass(frozen=True, slots=True)
class Order:
    """What the command line says. `given`: the draft with its answers in it, `asked`: which those are.

    `there`: the configuration that is there. `is_manned`: somebody is at a terminal.
    """

    places: Places
    there: Existing
    given: Draft
    asked: Collection[Place]
    is_manned: bool
    force: bool = False
    checks: bool = True
    start: bool = True
    replaces_device: bool = False
    wait_s: float = 120.0


def set_up(order: Order) -> Exit:
    """All of it."""
    if order.there.doubts:
        show([doubtful(text) for text in order.there.doubts])
    draft = _answered(order)
    checked = _checked(draft, order)
    if isinstance(checked, Exit):
        return checked
    draft, loaded = checked
    if replaces(draft, order.places) and not order.force:
        if not order.is_manned:
            raise click.UsageError(f"{order.places.config} is there and says otherwise; --force replaces it.")
        if not may_replace(order.places.config):
            return Exit.FAILED
    done = apply(draft, order.places)
    show(done or ["Everything was written already."])
    return _started(order, loaded, is_changed=bool(done))


def _answered(order: Order) -> Draft:
    lacking = list(missing(order.given))
    if not order.is_manned:
        if lacking:
            raise click.UsageError(missing_text(lacking))
        return _with_defaults(order.given)
    if order.asked and order.there.is_there:
        # Who changes one thing is not asked for all the others.
        known = {each.place for each in QUESTIONS} - {each.place for each in lacking}
        return _with_defaults(converse(order.given, known, order.places))
    show(INTRODUCTION)
    if (found := boot.find(order.places.boots)) is not None:
        show(
            [f"There is something for kiosk-agent in {found.folder}; setup --from-boot takes it. Ctrl-C ends this.", ""]
        )
    return converse(order.given, order.asked, order.places)


def _with_defaults(draft: Draft) -> Draft:
    for each in QUESTIONS:
        if each.is_needed and each.default is not None and each.when(draft):
            found = answer(each, "", draft)
            draft = found if isinstance(found, Draft) else draft
    return draft


def _checked(draft: Draft, order: Order) -> tuple[Draft, Loaded] | Exit:
    """The draft that is to be written, and what it means; or how the command ends."""
    while True:
        loaded, has_failed = _check(draft, order)
        if loaded is not None and not has_failed:
            return draft, loaded
        if not order.is_manned:
            if loaded is None:
                return Exit.USAGE
            show(["", "Nothing was written. Correct what failed, or write it all the same: --skip-checks."])
            return Exit.FAILED
        match ask_again(may_go_on=loaded is not None):
            case "correct":
                draft = converse(draft, (), order.places)
            case "go on" if loaded is not None:
                return draft, loaded
            case _:
                show(["Nothing was written."])
                return Exit.FAILED


def _check(draft: Draft, order: Order) -> tuple[Loaded | None, bool]:
    """What the draft means, and whether anything failed; each finding is shown as soon as it is known."""
    has_failed = False
    show([""])
    with staged(draft, order.places) as folder:
        judged = judge(draft, order.places, folder, is_image=not order.checks)
        for finding in judged.findings:
            show(finding_lines(finding))
        if judged.loaded is not None and order.checks:
            before = order.there.draft
            is_new = draft.value(("remote",)) != before.value(("remote",)) or bool(draft.secrets)
            show(["Asking the services ..."])
            for finding in examine(judged.loaded, order.places.state, is_new_broker=is_new):
                show(finding_lines(finding))
                has_failed |= finding.level is Level.FAIL
    return judged.loaded, has_failed


def _started(order: Order, loaded: Loaded, *, is_changed: bool) -> Exit:
    service = Service(order.places)
    if order.replaces_device and (problem := _replaced(order, loaded, service)) is not None:
        return problem
    if not order.start or not service.is_managed:
        by_hand = service.by_hand(order.places.state)
        show([f"Start it with: {by_hand if order.start else 'sudo systemctl enable --now kiosk-agent'}"])
        return Exit.OK
    for problem_text in (service.enable(), service.start(again=is_changed)):
        if problem_text is not None:
            click.echo(problem_text, err=True)
            click.echo("See: journalctl -u kiosk-agent -n 20", err=True)
            return _told_by_doctor(order, Exit.FAILED)
    if (why := silence(loaded)) is not None:
        show([f"The service runs. No event is waited for: {why}."])
        return Exit.OK
    show([f"The service runs. Waiting at most {order.wait_s:.0f} s for the first event ..."])
    found = await_event(order.places.state, order.wait_s)
    show(arrival_lines(found, order.wait_s))
    if isinstance(found, Arrived):
        return Exit.OK
    return _told_by_doctor(order, Exit.NOT_RUNNING if isinstance(found, Absent) else Exit.FAILED)


def _replaced(order: Order, loaded: Loaded, service: Service) -> Exit | None:
    if service.is_managed and (text := service.stop()) is not None:
        click.echo(text, err=True)
        return Exit.FAILED
    try:
        had_question = take_the_place(order.places.state, loaded.settings)
    except StoreError as error:
        click.echo(f"{error} {error.remedy}", err=True)
        return Exit.FAILED
    show(replaced_lines(loaded.settings.device.id, had_question=had_question, state_dir=order.places.state))
    return None


def _told_by_doctor(order: Order, status: Exit) -> Exit:
    for finding in examine_all(order.places.config, order.places.state):
        if finding.level is not Level.OK:
            show(finding_lines(finding))
    return status

"""A power cut at any write of a real agent that plays, delivers, is told things and is steered."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash import recording
from tests.crash.agent_judge import Judge, recover
from tests.crash.agent_life import AgentLife, live
from tests.crash.exploring import explore

pytestmark = [
    pytest.mark.all,
    pytest.mark.timeout(600),
    pytest.mark.skipif(recording.COMPILER is None, reason=recording.WHY_SKIPPED),
]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[AgentLife, Judge]]:
    """One life for all tests, and who judges by it."""
    life = live(Path(tmp_path_factory.mktemp("agent")))
    yield life, Judge(life)


def test_power_cuts_of_a_real_agent_lose_nothing(
    lived: tuple[AgentLife, Judge], capsys: pytest.CaptureFixture[str]
) -> None:
    """What it told an application, sent, or acknowledged to the broker is there; no milestone is lost or doubled."""
    life, judge = lived
    found = explore("agent", life.recording, recover, judge.broken, states=8, share=0.12)
    with capsys.disabled():
        print(f"\n{judge.told}\n{found}")
    assert not found.bad, found


def test_whole_life_promised_what_it_should(lived: tuple[AgentLife, Judge]) -> None:
    """A life in which nothing is promised proves nothing."""
    _, judge = lived
    assert judge.promised_everything, judge.told


def test_agent_on_a_disk_that_takes_an_fsync_for_nothing_is_seen(
    lived: tuple[AgentLife, Judge], capsys: pytest.CaptureFixture[str]
) -> None:
    """The judge of the agent can see, too: events, configuration and cursors."""
    life, judge = lived
    found = explore("agent", life.recording, recover, judge.broken, states=8, share=0.01, honest=False)
    with capsys.disabled():
        print(f"\nspoilt, agent without fsync: {found.bad} of {found.states} states bad")
    assert found.bad > found.states // 10
    text = "\n".join(finding.complaint for finding in found.findings)
    assert all(part in text for part in ("an acknowledged commit is gone", "others had been told", "configuration: "))

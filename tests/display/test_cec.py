"""Asking a television, with a program that behaves as cec-ctl does, and worse."""

import signal
import threading
from pathlib import Path

from structlog.testing import capture_logs

from agent.display.cec import HANGS, MISSING, SILENT, Television, Trouble
from agent.display.tv import Tv
from tests.support.connectors import NAMELESS, UNHEARD, answer, calls, cec_ctl, printing

PATIENT_S = 60.0


class Clock:
    def __init__(self) -> None:
        self.at = 100.0

    def now(self) -> float:
        return self.at


def asked(
    program: str, *, within_s: float = PATIENT_S, clock: Clock | None = None, every_s: float = 60.0
) -> Television:
    now = (clock or Clock()).now
    return Television("/dev/cec7", every_s, now=now, program=program, within_s=within_s)


def test_television_is_asked_for_its_power(tmp_path: Path) -> None:
    """Once, of the device that was configured, and without taking an address that is there already."""
    television = asked(cec_ctl(tmp_path, printing(answer("standby", 1))))
    television.step()
    assert Tv.STANDBY is television.said
    assert ["--device /dev/cec7 --to 0 --give-device-power-status"] == calls(tmp_path)


def test_machine_without_an_address_takes_one_and_asks_again(tmp_path: Path) -> None:
    """After each boot; a television answers nobody without. It is kept by the kernel, so once is enough."""
    lines = [
        f'if [ -e {tmp_path}/named ] || [ "$3" = --playback ]; then touch {tmp_path}/named',
        *printing(answer("on"))[:1],
        "else",
        *printing(NAMELESS)[:1],
        "fi",
    ]
    television = asked(cec_ctl(tmp_path, lines))
    for _ in range(3):
        television.step()
    assert Tv.ON is television.said
    assert [False, True, False, False] == ["--playback" in call for call in calls(tmp_path)]


def test_answer_grows_old(tmp_path: Path) -> None:
    """A television that was unplugged an hour ago is not in standby for ever; one lost question changes nothing."""
    clock = Clock()
    television = asked(cec_ctl(tmp_path, printing(answer("standby", 1))), clock=clock, within_s=PATIENT_S)
    television.step()
    cec_ctl(tmp_path, printing(UNHEARD))
    clock.at += 60
    television.step()
    assert Tv.STANDBY is television.said
    assert SILENT == television.trouble
    clock.at += 3600
    assert None is television.said


def test_trouble_is_told_once_and_its_end_too(tmp_path: Path) -> None:
    """A question a minute for a year, and a log that can still be read."""
    television = asked(str(tmp_path / "none"))
    with capture_logs() as lines:
        for _ in range(5):
            television.step()
        assert MISSING == television.trouble
        cec_ctl(tmp_path, printing(UNHEARD))
        television._program = str(tmp_path / "cec-ctl")
        television.step()
        television.step()
        cec_ctl(tmp_path, printing(answer("on")))
        television.step()
        television.step()
    told = [line["event"] for line in lines]
    assert ["the television cannot be asked", "the television cannot be asked", "the television answers again"] == told
    assert [MISSING.remedy, SILENT.remedy, None] == [line.get("remedy") for line in lines]
    assert None is television.trouble


def test_device_that_may_not_be_used_is_told_with_its_remedy(tmp_path: Path) -> None:
    """The hardened unit sees no device until a drop-in lets it."""
    said = "Failed to open /dev/cec7: Permission denied"
    found = asked(cec_ctl(tmp_path, printing(said, status=1))).ask()
    assert isinstance(found, Trouble)
    assert "/dev/cec7 is not permitted" == found.text
    assert "cec.conf" in found.remedy
    found = asked(cec_ctl(tmp_path, printing("Failed to open /dev/cec7: No such file or directory", status=1))).ask()
    assert isinstance(found, Trouble)
    assert "does not exist" in found.text
    found = asked(cec_ctl(tmp_path, printing("Segmentation fault", status=139))).ask()
    assert isinstance(found, Trouble)
    assert "cec-ctl fails: Segmentation fault" == found.text
    odd = tmp_path / "odd"
    odd.mkdir()
    (odd / "cec-ctl").write_bytes(b"\x7fELF, but of another machine")
    (odd / "cec-ctl").chmod(0o755)
    found = asked(str(odd / "cec-ctl")).ask()
    assert isinstance(found, Trouble)
    assert "cannot be started" in found.text


def test_program_that_hangs_is_ended(tmp_path: Path) -> None:
    """A line that somebody holds down keeps a driver waiting; the next question finds a free device."""
    television = asked(cec_ctl(tmp_path, ["exec sleep 600"]), within_s=0.5)
    assert HANGS == television.ask()
    assert HANGS == television.ask()
    assert television._running is not None
    assert -signal.SIGKILL == television._running.wait(PATIENT_S), "no process is left behind"


def test_close_ends_a_question_that_is_under_way(tmp_path: Path) -> None:
    """The agent ends within two seconds of SIGTERM, whatever a television does."""
    television = asked(cec_ctl(tmp_path, [f"echo > {tmp_path}/there", "exec sleep 600"]), within_s=600.0)
    thread = threading.Thread(target=television.serve, daemon=True)
    thread.start()
    waiting = threading.Event()
    for _ in range(600):
        if (tmp_path / "there").exists():
            break
        waiting.wait(0.1)
    television.close()
    thread.join(PATIENT_S)
    assert not thread.is_alive()
    assert None is television.trouble, "what we ended ourselves is no trouble"


def test_television_is_asked_again_and_again(tmp_path: Path) -> None:
    """A screen goes dark in the evening."""
    television = asked(cec_ctl(tmp_path, printing(answer("on"))), every_s=0.05)
    thread = threading.Thread(target=television.serve, daemon=True)
    thread.start()
    waiting = threading.Event()
    for _ in range(600):
        if len(calls(tmp_path)) >= 3:
            break
        waiting.wait(0.1)
    television.close()
    thread.join(PATIENT_S)
    assert 3 <= len(calls(tmp_path))

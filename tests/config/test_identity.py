"""Who a device is when nobody named it."""

import re
from pathlib import Path

from agent.config.identity import Machine, derived_id, read_machine

MACHINE_ID = "0123456789abcdef0123456789abcdef"


def test_derived_id_is_stable_and_valid_and_hides_the_machine_id() -> None:
    """Reports of years are joined by it, and machine-id(5) must not be published."""
    derived = derived_id(Machine(MACHINE_ID, "10000000abcdef01"))
    assert "kiosk-24830d92f0ec" == derived
    assert re.fullmatch("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", derived)


def test_cloned_card_on_another_board_is_another_device() -> None:
    """Kiosks are installed by cloning one card (decision 4)."""
    ids = {
        derived_id(Machine(MACHINE_ID, "10000000abcdef01")),
        derived_id(Machine(MACHINE_ID, "10000000abcdef02")),
        derived_id(Machine(MACHINE_ID, None)),
        derived_id(Machine(None, "10000000abcdef01")),
    }
    assert 4 == len(ids)


def test_machine_without_facts_has_no_id() -> None:
    """A guess would make all such machines one device."""
    assert derived_id(Machine(None, None)) is None


def _put(root: Path, name: str, text: str, mode: int = 0o644) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)


def test_raspberry_pi_is_read(tmp_path: Path) -> None:
    """The firmware ends the serial number with a NUL."""
    _put(tmp_path, "etc/machine-id", f"{MACHINE_ID}\n")
    _put(tmp_path, "sys/firmware/devicetree/base/serial-number", "10000000abcdef01\0")
    assert Machine(MACHINE_ID, "10000000abcdef01") == read_machine(tmp_path)


def test_serial_that_only_root_may_read_is_left_out(tmp_path: Path) -> None:
    """Root's `config show` and the unprivileged daemon must agree about the id."""
    _put(tmp_path, "etc/machine-id", MACHINE_ID)
    _put(tmp_path, "sys/class/dmi/id/board_serial", "SN-1", mode=0o400)
    assert Machine(MACHINE_ID, None) == read_machine(tmp_path)


def test_placeholders_and_missing_files_count_as_nothing(tmp_path: Path) -> None:
    """An image before its first boot says "uninitialized"; makers leave serial numbers blank."""
    assert Machine(None, None) == read_machine(tmp_path)
    _put(tmp_path, "etc/machine-id", "uninitialized\n")
    _put(tmp_path, "sys/firmware/devicetree/base/serial-number", "0000000000000000\0")
    _put(tmp_path, "sys/class/dmi/id/board_serial", "To Be Filled By O.E.M.\n")
    assert Machine(None, None) == read_machine(tmp_path)
    _put(tmp_path, "var/lib/dbus/machine-id", f"{MACHINE_ID}\n")
    assert Machine(MACHINE_ID, None) == read_machine(tmp_path)

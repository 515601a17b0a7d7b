"""What the machine tells of itself."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.remote.machine import Readings, has_route, read

HEADING = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
DEFAULT_4 = "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
LOCAL_4 = "eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
ZEROS = "0" * 32
DEFAULT_6 = f"{ZEROS} 00 {ZEROS} 00 fd000000000000000000000000000001 00000400 00000003 00000000 00000003     eth0\n"
LOCAL_6 = f"fe800000000000000000000000000000 40 {ZEROS} 00 {ZEROS} 00000100 00000002 00000000 00000001     eth0\n"
NOBODY_6 = f"{ZEROS} 00 {ZEROS} 00 {ZEROS} ffffffff 00000001 00000000 00200200       lo\n"
REJECTED_4 = "*\t00000000\t00000000\t0200\t0\t0\t0\t00000000\t0\t0\t0\n"


def write(root: Path, name: str, text: str) -> None:
    """One file of a machine that is not this one."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_disk_is_the_state_folders(tmp_path: Path) -> None:
    """The one that the queue fills, whatever else is mounted."""
    status = os.statvfs(tmp_path)
    readings = read(tmp_path, tmp_path)
    assert status.f_blocks * status.f_frsize == readings.disk_bytes
    assert readings.disk_free_bytes is not None
    assert 0 < readings.disk_free_bytes <= status.f_blocks * status.f_frsize


def test_machine_that_tells_nothing_is_read_as_nothing(tmp_path: Path) -> None:
    """A virtual machine has neither sensors nor a firmware; null is shown, not zero degrees."""
    assert Readings() == read(tmp_path / "missing", tmp_path)
    assert not has_route(tmp_path)


def test_this_machine_is_read() -> None:
    """Whatever it is that runs the tests."""
    readings = read(Path("/"))
    assert readings.disk_bytes
    has_route()


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"sys/class/thermal/thermal_zone0": ("type", "cpu-thermal", "temp", "48312")}, 48.312),
        ({"sys/class/hwmon/hwmon1": ("name", "coretemp", "temp1_input", "61000")}, 61.0),
        ({"sys/class/thermal/thermal_zone0": ("type", "iwlwifi_1", "temp", "48312")}, None),
        (
            {
                "sys/class/thermal/thermal_zone0": ("type", "acpitz", "temp", "27800"),
                "sys/class/thermal/thermal_zone1": ("type", "x86_pkg_temp", "temp", "71000"),
            },
            71.0,
        ),
        (
            {
                "sys/class/thermal/thermal_zone0": ("type", "cpu-thermal", "temp", "-273150"),
                "sys/class/hwmon/hwmon0": ("name", "cpu_thermal", "temp1_input", "50500"),
            },
            50.5,
        ),
        ({"sys/class/thermal/thermal_zone0": ("type", "cpu-thermal", "temp", "nonsense")}, None),
        ({"sys/class/thermal/thermal_zone0": ("type", "cpu-thermal", "temp", "")}, None),
    ],
)
def test_temperature_is_the_processors(
    tmp_path: Path, files: dict[str, tuple[str, str, str, str]], expected: float | None
) -> None:
    """A wireless card is always hot, and a broken sensor says absolute zero."""
    for folder, (name, named, value, said) in files.items():
        write(tmp_path, f"{folder}/{name}", f"{named}\n")
        write(tmp_path, f"{folder}/{value}", f"{said}\n")
    assert expected == read(tmp_path, tmp_path).temperature_c


@pytest.mark.parametrize(
    ("said", "expected"), [("0", False), ("50005", True), ("50000", True), ("8", False), ("x", None)]
)
def test_under_voltage_of_a_raspberry_pi_is_its_firmwares(tmp_path: Path, said: str, expected: bool | None) -> None:
    """Bit 0 now, bit 16 since the boot; a weak supply shows for a second at a time."""
    write(tmp_path, "sys/devices/platform/soc/soc:firmware/get_throttled", f"{said}\n")
    assert expected is read(tmp_path, tmp_path).under_voltage


@pytest.mark.parametrize(("said", "expected"), [("0", False), ("1", True), ("", None)])
def test_under_voltage_is_told_by_the_sensor_too(tmp_path: Path, said: str, expected: bool | None) -> None:
    """Newer kernels have a sensor in the place of the firmware's file."""
    write(tmp_path, "sys/class/hwmon/hwmon0/name", "cpu_thermal\n")
    write(tmp_path, "sys/class/hwmon/hwmon2/name", "rpi_volt\n")
    write(tmp_path, "sys/class/hwmon/hwmon2/in0_lcrit_alarm", said)
    assert expected is read(tmp_path, tmp_path).under_voltage


@pytest.mark.parametrize(
    ("fourth", "sixth", "expected"),
    [
        (HEADING + DEFAULT_4 + LOCAL_4, "", True),
        (HEADING + LOCAL_4, LOCAL_6 + NOBODY_6, False),
        (HEADING, DEFAULT_6 + NOBODY_6, True),
        (HEADING + REJECTED_4, "", False),
        (HEADING, "", False),
        ("", "", False),
    ],
)
def test_route_is_one_that_leads_out(tmp_path: Path, fourth: str, sixth: str, expected: bool) -> None:
    """A cable that was pulled must not cost anybody a configuration; a local line and a closed door are no network."""
    write(tmp_path, "proc/net/route", fourth)
    write(tmp_path, "proc/net/ipv6_route", sixth)
    assert expected is has_route(tmp_path)


@given(said=st.binary(max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_stands_in_the_files_is_read(tmp_path: Path, said: bytes) -> None:
    """A driver's defect must not end the agent."""
    for name in (
        "sys/class/thermal/thermal_zone0/type",
        "sys/class/thermal/thermal_zone0/temp",
        "sys/devices/platform/soc/soc:firmware/get_throttled",
        "proc/net/route",
        "proc/net/ipv6_route",
    ):
        write(tmp_path, name, "")
        (tmp_path / name).write_bytes(said)
    read(tmp_path, tmp_path)
    has_route(tmp_path)

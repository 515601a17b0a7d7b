"""Passwords, and the broker's lines. That mosquitto takes them: tests/fleet/test_enroll.py."""

from agent.fleet import enroll_access
from agent.fleet.enroll_access import access_lines, accesses, joined, knows, new_password, user_line, users
from agent.remote.topics import Topics


def test_line_knows_its_password_and_no_other() -> None:
    """Running enrolment again must not change the line of a password that stays."""
    line = user_line("device-001", "geheim")
    assert line.startswith("device-001:$7$101$")
    assert (True, False, False) == (knows(line, "geheim"), knows(line, "Geheim"), knows("", "geheim"))
    assert line != user_line("device-001", "geheim")


def test_line_that_mosquitto_made_is_known() -> None:
    """`mosquitto_passwd -b` of version 2.0.11 wrote this one."""
    key = "oy5hcURVUTbzacGZya6S7P3hauYmbQEZWkELvU70ZuLXYxb3BNXC0or83g7Xt6OOOUSXih46xQ5CBOAvvorBBA=="
    assert knows(f"dev:$7$101$+fZnFwQMFgpKAkt3${key}", "geheim")
    assert not knows(f"dev:$6$+fZnFwQMFgpKAkt3${key}", "geheim")


def test_passwords_are_long_and_never_the_same() -> None:
    """Two kiosks with one password would be one door."""
    made = {new_password() for _ in range(1000)}
    assert (1000, {32}) == (len(made), {len(each) for each in made})


def test_access_names_nothing_of_other_devices() -> None:
    """Whoever takes a kiosk apart must find the key to that kiosk only."""
    lines = access_lines(Topics("kiosk"), "a").splitlines()
    assert "user a" == lines[0]
    assert "topic write kiosk/v1/device/a/state" in lines
    assert all("device/+" not in line and "#" not in line for line in lines)


def test_files_are_read_back_as_they_were_written() -> None:
    """Lines of devices that are not on today's list must stay."""
    access = {name: access_lines(Topics("kiosk"), name) for name in ("a", "b")}
    assert access == accesses("# a comment\n\n" + joined(access, between="\n\n"))
    known = {name: enroll_access.user_line(name, "x") for name in ("a", "b")}
    assert known == users(joined(known, between="\n"))

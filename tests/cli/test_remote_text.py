"""The broker's part of `status`, as a person at the console reads it."""

import click

from agent.cli.remote_text import remote_lines

BROKER = {"url": "mqtts://broker.example.com", "online": True, "protocol": "5", "since_wall": 100.0}
APPLIED = {"state": "applied", "levels": {"fleet": {"wanted": 5, "applied": 5, "problems": []}}}


def said(remote: dict[str, object]) -> str:
    return click.unstyle("\n".join(remote_lines(remote, 160.0)))


def test_without_a_broker_nothing_is_said() -> None:
    """Most kiosks have none, and need not read about one."""
    assert [] == remote_lines({"url": None}, None)


def test_all_well_fits_in_two_lines() -> None:
    """The usual case must not push the rest off the screen."""
    expected = "mqtts://broker.example.com · online · MQTT 5 · since 1 min ago\napplied · fleet 5"
    assert expected == said({**BROKER, "config": APPLIED})


def test_refused_document_names_each_problem() -> None:
    """Whoever published it reads here what to mend."""
    levels = {"fleet": {"wanted": 6, "applied": 5, "problems": ["player.volume: found 900."]}}
    lines = said({**BROKER, "config": {"state": "refused", "levels": levels}}).splitlines()
    assert "refused · fleet 5 (wanted 6)" == lines[1]
    assert "fleet: player.volume: found 900." == lines[2]


def test_return_and_trial_are_told_with_their_reasons() -> None:
    """A kiosk that went back on its own must not look like one that never heard."""
    trial = {**APPLIED, "state": "trial", "trial": {"on": ["stats.collect"], "left_s": 80.0}}
    assert "on trial: stats.collect, 1 min 20 s left" in said({**BROKER, "config": trial})
    returned = {**APPLIED, "state": "returned", "returned": {"reason": "stats.collect did not come back"}}
    assert "returned to the last good one: stats.collect did not come back" in said({**BROKER, "config": returned})


def test_what_the_broker_may_do_beyond_the_usual_is_always_said() -> None:
    """A permission that somebody forgot is a hole that nobody sees."""
    config = {**APPLIED, "allow": ["kaltura.service_url"]}
    assert "permitted to the broker: kaltura.service_url" in said({**BROKER, "config": config})


def test_trouble_stands_with_its_text() -> None:
    """The word alone does not tell what to do."""
    remote = {**BROKER, "online": False, "trouble": "credentials", "text": "the broker refuses the password"}
    assert "credentials" in said(remote)
    assert "the broker refuses the password" in said(remote)


def test_problem_names_its_document_once() -> None:
    """Most say it themselves, with the revision."""
    levels = {
        "fleet": {"wanted": None, "applied": None, "problems": []},
        "group/a": {"wanted": 9, "applied": None, "problems": ["group/a@9: player.volume: found 900."]},
    }
    lines = said({**BROKER, "config": {"state": "refused", "levels": levels}}).splitlines()
    assert ["refused · fleet - · group/a - (wanted 9)", "group/a@9: player.volume: found 900."] == lines[1:]


def test_log_level_for_a_time_says_how_long() -> None:
    """Somebody set it from afar; the disk fills meanwhile."""
    level = {"level": "debug", "left_s": 47.26}
    assert "log level: debug by command, 47 s left" in said({**BROKER, "config": APPLIED, "log_level": level})


def test_second_machine_with_this_identity_is_named() -> None:
    """The connection comes and goes, and its trouble alone looks like a bad line."""
    assert "duplicate identity: another machine" in said({**BROKER, "config": APPLIED, "disputed": True})


def test_missing_parts_do_not_raise() -> None:
    """A command of one version asks an agent of another."""
    odd: list[dict[str, object]] = [{}, {"levels": {"fleet": None}}, {"levels": {"fleet": {}}, "trial": {}}]
    for config in odd:
        assert remote_lines({"url": "mqtt://x", "config": config}, None)

"""`kiosk-fleet enroll`: credentials, the broker's lines and a bundle for every device of a list.

Contract: makes `DIR/devices/<id>/` and `DIR/mosquitto/devices.{passwd,acl}`, named as in config/mosquitto/. Exit 0: all
are enrolled; 2: the list or an option is wrong, and nothing was written; 1: something failed on the way, and running
it again goes on from there.
Rules: secrets are in files only, never on the terminal. The broker's lines are made from the bundles, so a run that was
cut off leaves nothing that the next one does not complete; lines of devices whose bundle is gone stay.
"""

import fcntl
import json
import os
import sys
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from agent.config.broker import BrokerUrl, TopicBase
from agent.config.kinds import MisfitError
from agent.config.problems import ConfigurationError
from agent.fleet.enroll_access import access_lines, accesses, joined, knows, user_line, users
from agent.fleet.enroll_bundle import Bundles, Deed, Terms
from agent.fleet.enroll_certificates import Authority, CertificateError, look_at
from agent.fleet.enroll_list import Entry, ListError, read_list
from agent.fleet.exits import Exit
from agent.remote import durable
from agent.remote.topics import Topics

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_HEAD = "# Made by kiosk-fleet enroll.\n\n"
_SHOWN = 10


@click.command(short_help="Make credentials and a bundle for every device of a list.")
@click.option("--csv", "csv_path", metavar="FILE", type=_FILE, required=True, help="Columns id,name,site,groups,tags.")
@click.option(
    "--out",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Where the bundles and the broker's lines are written.",
)
@click.option("--url", required=True, help="The broker's address for the devices, as mqtts://broker.example.com.")
@click.option("--base", default="kiosk", show_default=True, help="What all topics begin with.")
@click.option("--passwords/--certificates", "with_passwords", default=True, help="How devices prove who they are.")
@click.option("--ca-cert", metavar="FILE", type=_FILE, help="With --certificates: the authority that signs them.")
@click.option("--ca-key", metavar="FILE", type=_FILE, help="With --certificates: that authority's key.")
@click.option("--days", type=click.IntRange(1, 36_500), default=3650, show_default=True, help="How long they hold.")
@click.option("--broker-ca", metavar="FILE", type=_FILE, help="The authority of the broker's own certificate.")
@click.option("--template", metavar="FILE", type=_FILE, help="The other tables of the kiosks' file (TOML).")
@click.option("--renew", is_flag=True, help="Replace the credentials of the devices of this list.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")
def enroll(
    csv_path: Path,
    out: Path,
    url: str,
    base: str,
    *,
    with_passwords: bool,
    ca_cert: Path | None,
    ca_key: Path | None,
    days: int,
    broker_ca: Path | None,
    template: Path | None,
    renew: bool,
    as_json: bool,
) -> None:
    """Make credentials, the broker's user and ACL lines, and a bundle for the boot partition for every device.

    What exists is kept: run it again after devices were added to the list, or after it was cut off.
    """
    authority = _authority(ca_cert, ca_key, days=days, with_passwords=with_passwords)
    try:
        entries = read_list(csv_path.read_bytes().decode("utf-8-sig"))
        terms = Terms(
            _read("--url", BrokerUrl(), url),
            _read("--base", TopicBase(), base),
            _rest(template),
            authority,
            None if broker_ca is None else broker_ca.read_bytes(),
        )
        if authority is not None:
            look_at(authority)
    except (ListError, CertificateError) as error:
        raise click.UsageError(str(error)) from None
    except UnicodeDecodeError:
        raise click.UsageError(f"{csv_path} is not UTF-8 text; save it as such.") from None
    try:
        with _alone(out):
            done = _enrol_all(out, entries, terms, renew=renew)
    except (OSError, CertificateError, ConfigurationError) as error:
        raise click.ClickException(f"{error}\nRun it again when that is mended; what is done is kept.") from None
    _tell(done, out, as_json=as_json)
    sys.exit(Exit.OK)


def _authority(certificate: Path | None, key: Path | None, *, days: int, with_passwords: bool) -> Authority | None:
    if with_passwords:
        if certificate is not None or key is not None:
            raise click.UsageError("--ca-cert and --ca-key belong to --certificates; see --broker-ca.")
        return None
    if certificate is None or key is None:
        raise click.UsageError("--certificates needs --ca-cert and --ca-key.")
    return Authority(certificate, key, days)


def _read(option: str, kind: BrokerUrl | TopicBase, value: str) -> str:
    try:
        return kind.read(value)
    except MisfitError as error:
        raise click.UsageError(f"{option}: {error.what}; allowed: {error.allowed}.") from None


def _rest(template: Path | None) -> str:
    if template is None:
        return ""
    try:
        text = template.read_bytes().decode("utf-8-sig")
        taken = {"device", "remote"} & set(tomllib.loads(text))
    except ValueError as error:
        raise click.UsageError(f"{template}: is not valid TOML: {error}") from None
    if taken:
        raise click.UsageError(f"{template}: leave out {' and '.join(f'[{each}]' for each in sorted(taken))}.")
    return text


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    """The folder, which is nobody else's business while we write."""
    for folder in (out, out / "devices", out / "mosquitto"):
        folder.mkdir(0o700, parents=True, exist_ok=True)
    descriptor = os.open(out, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise click.ClickException(f"another enrolment is writing to {out}") from None
    finally:
        os.close(descriptor)


def _enrol_all(out: Path, entries: Sequence[Entry], terms: Terms, *, renew: bool) -> dict[Deed, list[str]]:
    bundles = Bundles(out / "devices", terms)
    done: dict[Deed, list[str]] = {deed: [] for deed in Deed}
    passwords_file, access_file = out / "mosquitto" / "devices.passwd", out / "mosquitto" / "devices.acl"
    known, access = users(_content(passwords_file)), accesses(_content(access_file))
    for entry in entries:
        is_known = entry.id in known or entry.id in access
        done[bundles.enrol(entry, renew=renew, is_known=is_known)].append(entry.id)
    topics = Topics(terms.base)
    for entry in entries:
        password = bundles.password(entry.id)
        if password is not None and not knows(known.get(entry.id, ""), password):
            known[entry.id] = user_line(entry.id, password)
        if bundles.has_certificate(entry.id):
            known.pop(entry.id, None)
        access[entry.id] = access_lines(topics, entry.id)
    durable.write(passwords_file, joined(known, between="\n").encode())
    durable.write(access_file, (_HEAD + joined(access, between="\n\n")).encode())
    return done


def _content(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def _tell(done: dict[Deed, list[str]], out: Path, *, as_json: bool) -> None:
    if as_json:
        click.echo(
            json.dumps({"out": str(out), **{deed.value.replace(" ", "_"): devices for deed, devices in done.items()}})
        )
        return
    for deed, devices in done.items():
        if devices:
            more = f" and {len(devices) - _SHOWN} more" if len(devices) > _SHOWN else ""
            click.echo(f"{deed.value}: {len(devices)} ({', '.join(devices[:_SHOWN])}{more})")
    if done[Deed.CARRIED_OFF]:
        click.echo("The bundles that were carried off stay valid; --renew makes new ones, with new credentials.")
    click.echo(f"bundles: {out / 'devices'}; the broker's lines: {out / 'mosquitto'}")

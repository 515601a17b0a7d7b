"""What `kiosk-agent report --sign` and `--signed` do.

Contract: `sign` writes the end of the ledger's chain, signed with this kiosk's own key, as JSON; `check` says whether
such a file is good by a certificate, and whether the ledger still has all that was signed. Whatever goes wrong ends the
command with a text and exit status 1; a configuration or a file that cannot be used, with 2.
Rules: openssl runs here and not in the agent, so the agent's player goes on, and whoever may not read the key cannot
sign.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from agent.cli.calls import reached
from agent.cli.exits import Exit
from agent.cli.layout import bad, good, show
from agent.cli.words import plain
from agent.config.files import load
from agent.config.problems import ConfigurationError
from agent.kernel.plays import ChainHead
from agent.runtime.portable.signing import Signature, Signer, SigningError, verify

_NO_KEY = "This kiosk has no key: set ledger.key_file (or remote.key_file) to its private key."


def sign(state_dir: Path, config: Path) -> Exit:
    """Sign where the chain ends now."""
    try:
        settings = load(config).settings
    except ConfigurationError as error:
        click.echo(f"Error: {error}", err=True)
        return Exit.USAGE
    key = settings.ledger.key_file or settings.remote.key_file
    if key is None:
        raise click.ClickException(_NO_KEY)
    with reached(state_dir) as call:
        head = call("ledger.head")
    try:
        signed = Signer(settings.device.id, lambda: Path(key)).sign(
            ChainHead(head["number"], head["hash"], head["first"])
        )
    except SigningError as error:
        raise click.ClickException(str(error)) from None
    assert signed is not None
    click.echo(json.dumps({"v": 1, **asdict(signed)}, indent=2))
    return Exit.OK


def check(state_dir: Path, file: Path, certificate: Path, *, as_json: bool) -> Exit:
    """Say whether the signature is good, and whether what was signed is still there."""
    signed = _read(file)
    try:
        is_good = verify(signed, certificate)
    except SigningError as error:
        raise click.ClickException(str(error)) from None
    fault = None if is_good else f"The signature is not that of {certificate}, or the file was changed."
    if is_good:
        with reached(state_dir) as call:
            head = call("ledger.head", number=signed.number, hash=signed.hash)
        if signed.number and not head["passes"]:
            fault = f"This ledger has not that: {_gone(signed, head)}."
    if as_json:
        told = {"device": signed.device, "chain": {"number": signed.number, "hash": signed.hash}}
        click.echo(json.dumps({"sound": fault is None, "signature": is_good, **told, "fault": fault}, indent=2))
    else:
        show(_lines(signed, fault, is_good=is_good))
    return Exit.OK if fault is None else Exit.FAILED


def _read(file: Path) -> Signature:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        return Signature(str(found["device"]), int(found["number"]), str(found["hash"]), str(found["text"]))
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise click.UsageError(f"--signed: {file} cannot be read: {reason}.") from None
    except (ValueError, KeyError, TypeError):
        raise click.ClickException(f"{file} is no signature that kiosk-agent report --sign has written.") from None


def _gone(signed: Signature, head: Mapping[str, Any]) -> str:
    """Why what was signed is not there. An agent of an earlier version does not say whose ledger it has."""
    device = head.get("device", signed.device)
    if device != signed.device:
        return f"it is the ledger of {plain(device)}"
    if signed.number > head["number"]:
        return f"it ends before it, with play {head['number']:,}"
    if signed.number < head["first"]:
        return "its lines are too old and left the ledger"
    return "its lines are others now"


def _lines(signed: Signature, fault: str | None, *, is_good: bool) -> list[str]:
    by = f"Signed by {plain(signed.device)} up to play {signed.number:,}"
    if fault is None:
        return [good(f"{by}, and this ledger has just that.")]
    return [good(f"{by}."), bad(fault)] if is_good else [bad(fault)]

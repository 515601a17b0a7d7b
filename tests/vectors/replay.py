#!/usr/bin/env python3
# ruff: noqa
# mypy: ignore-errors
# fmt: off
"""Replay recorded API cases against a collector and compare what it answers and logs.

    replay.py BASE_URL CASES.jsonl [CASES.jsonl ...] [--log-cmd CMD | --log-url URL]
              [--tags a,b] [--ids x,y] [--check-headers] [-v]

Standard library only. Exit status 0 when every selected case passed, 1 otherwise, 2 on bad usage.
The file format is described in the README next to the case files.
"""
import argparse
import hashlib
import http.client
import json
import re
import subprocess
import sys
import time
import urllib.parse
import urllib.request
import uuid

ANY = "<any>"
COLUMNS = (
    "clientVer", "eventType", "server_time", "sessionId", "partnerId", "entryId", "uniqueViewer",
    "widgetId", "uiconfId", "userId", "currentPoint", "duration", "remote_ip", "processDuration",
    "controlId", "seek", "newPoint", "referrer", "eventTimestamp",
)
TEMPLATE = re.compile(r"\{\{([a-z_]+)((?::[A-Za-z0-9_]*)*)\}\}")


class CaseError(Exception):
    """A case cannot be run: bad template, no answer, unreadable log."""


class Context:
    """Values a case may refer to: the unique run prefix, captured sessions, app tokens."""

    def __init__(self, run, fixtures):
        self.run = run
        self.captured = {}
        self.tokens = fixtures.get("app_tokens", {})
        self.used = {}  # expanded value -> template text, for whoever records cases

    def _session(self, name):
        if name not in self.captured:
            raise CaseError("no session %r captured by an earlier step" % name)
        return self.captured[name]

    def value(self, kind, args):
        if kind == "run":
            return self.run
        if kind == "ks":
            return self._session(args[0])
        if kind == "ks_tampered":
            ks = self._session(args[0])
            at = len(ks) // 2
            return ks[:at] + ("B" if ks[at] == "A" else "A") + ks[at + 1:]
        if kind == "ks_truncated":
            return self._session(args[0])[:-6]
        if kind == "apptoken_id":
            return self.tokens[args[0]]["id"]
        if kind in ("apptoken_hash", "apptoken_hash_upper"):
            algorithm, session, token = args
            base = self._session(session) if session else ""
            text = base + self.tokens[token]["token"]
            digest = hashlib.new(algorithm, text.encode()).hexdigest()
            return digest.upper() if kind.endswith("upper") else digest
        raise CaseError("unknown template %r" % kind)

    def expand(self, text, encode=None):
        def one(match):
            value = self.value(match.group(1), match.group(2).split(":")[1:])
            self.used.setdefault(value, match.group(0))
            return encode(value) if encode else value
        return TEMPLATE.sub(one, text)


def quote(value):
    return urllib.parse.quote(value, safe="")


def send(base, request, ctx, timeout=30):
    """Send one recorded request; return (status, headers with lower-case names, body text)."""
    headers = {k: ctx.expand(v) for k, v in request.get("headers", {}).items()}
    kind = next((v for k, v in headers.items() if k.lower() == "content-type"), "")
    encode = quote if kind.lower().startswith("application/x-www-form-urlencoded") else None
    body = request.get("body")
    data = None if body is None else ctx.expand(body, encode).encode()
    path = ctx.expand(request["path"], quote)
    url = urllib.parse.urlsplit(base)
    cls = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    connection = cls(url.netloc, timeout=timeout)
    try:
        connection.request(request["method"], url.path.rstrip("/") + path, data, headers)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as error:
        raise CaseError("no answer: %r" % error) from None
    finally:
        connection.close()
    return answer.status, {k.lower(): v for k, v in answer.getheaders()}, text


def pick(value, path):
    for key in filter(None, path.split(".")):
        try:
            value = value[int(key) if isinstance(value, list) else key]
        except (KeyError, IndexError, TypeError, ValueError):
            raise CaseError("answer has no %r to capture" % path) from None
    if not isinstance(value, str):
        raise CaseError("captured value at %r is not a string: %.120r" % (path, value))
    return value


def wild(pattern, text, gap=".*?"):
    """Whether text equals pattern, where each <any> in pattern stands for anything."""
    parts = (re.escape(p) for p in pattern.split(ANY))
    return re.fullmatch(gap.join(parts), text, re.S) is not None


def difference(want, got, at="$"):
    """First difference between two JSON values as text, or None."""
    if want == ANY:
        return None
    soon = re.fullmatch(r"<now\+(\d+)>", want) if isinstance(want, str) else None
    if soon:
        near = type(got) is int and abs(got - time.time() - int(soon.group(1))) <= 5
        return None if near else "%s: expected an epoch about %s s ahead, got %r" % (
            at, soon.group(1), got)
    if type(want) is not type(got):
        return "%s: expected %.200s, got %.200s" % (at, json.dumps(want), json.dumps(got))
    if isinstance(want, dict):
        if set(want) != set(got):
            return "%s: expected keys %s, got %s" % (at, sorted(want), sorted(got))
        pairs = [(want[k], got[k], "%s.%s" % (at, k)) for k in want]
    elif isinstance(want, list):
        if len(want) != len(got):
            return "%s: expected %d items, got %d" % (at, len(want), len(got))
        pairs = [(w, g, "%s[%d]" % (at, i)) for i, (w, g) in enumerate(zip(want, got))]
    elif isinstance(want, str):
        same = wild(want, got) if ANY in want else want == got
        return None if same else "%s: expected %.300r, got %.300r" % (at, want, got)
    else:
        return None if want == got else "%s: expected %r, got %r" % (at, want, got)
    return next(filter(None, (difference(*p) for p in pairs)), None)


def expand_json(value, ctx):
    if isinstance(value, str):
        return ctx.expand(value)
    if isinstance(value, list):
        return [expand_json(v, ctx) for v in value]
    if isinstance(value, dict):
        return {k: expand_json(v, ctx) for k, v in value.items()}
    return value


def printed(value):
    """A native value as the event log prints it: true is 1; false and null are empty."""
    if value is True:
        return "1"
    if value is None or value is False:
        return ""
    if isinstance(value, float):
        text = "%.14G" % value
        mantissa, exponent, power = text.partition("E")
        if exponent:
            mantissa += "" if "." in mantissa else ".0"
            return "%sE%s%d" % (mantissa, power[0], int(power[1:]))
        return text
    return str(value)


def as_text(entries):
    """Log entries as the text of the event log: columns joined by commas, one line each."""
    out = []
    for entry in entries:
        if "raw" in entry:
            out.append(entry["raw"] + "\n")
        else:
            out.append("".join(printed(entry.get(c)) + "," for c in COLUMNS) + "\n")
    return "".join(out)


class Log:
    """Reads the collector's event log: JSON lines, oldest first."""

    def __init__(self, command=None, url=None):
        self.command, self.url, self.seen = command, url, 0

    def __bool__(self):
        return bool(self.command or self.url)

    def read(self):
        if self.url:
            with urllib.request.urlopen(self.url, timeout=30) as answer:
                text = answer.read().decode()
        else:
            done = subprocess.run(self.command, shell=True, stdout=subprocess.PIPE, timeout=60)
            if done.returncode:
                raise CaseError("log command exited with %d" % done.returncode)
            text = done.stdout.decode()
        if text.lstrip().startswith("["):
            return json.loads(text)
        return [json.loads(line) for line in text.split("\n") if line.strip()]

    def start(self):
        self.seen = len(self.read())

    def appended(self, at_least=0, patience=2.0):
        """Entries since the last call; waits a little for a log that is written late."""
        deadline = time.monotonic() + patience
        while True:
            entries = self.read()
            if len(entries) - self.seen >= at_least or time.monotonic() > deadline:
                break
            time.sleep(0.05)
        new, self.seen = entries[self.seen:], len(entries)
        return new


def check_step(step, ctx, base, log, check_headers):
    """Run one step; return a description of the first difference, or None."""
    if step.get("wait_s"):
        time.sleep(step["wait_s"])
    status, headers, text = send(base, step["request"], ctx)
    expect = step["expect"]
    if status != expect["status"]:
        return "status: expected %d, got %d (%.200r)" % (expect["status"], status, text)
    kind = headers.get("content-type", "").lower().replace(" ", "")
    if kind != expect["content_type"].lower().replace(" ", ""):
        return "content type: expected %r, got %r" % (expect["content_type"], kind)
    parsed = None
    if "json" in expect:
        try:
            parsed = json.loads(text)
        except ValueError:
            return "answer is not JSON: %.200r" % text
        problem = difference(expand_json(expect["json"], ctx), parsed)
        if problem:
            return problem
    elif not wild(ctx.expand(expect["text"]), text):
        return "text: expected %.300r, got %.300r" % (ctx.expand(expect["text"]), text)
    if check_headers:
        for name, want in expect.get("headers", {}).items():
            got = headers.get(name.lower(), "")
            if not wild(want, got):
                return "header %s: expected %r, got %r" % (name, want, got)
    for name, path in step.get("capture", {}).items():
        ctx.captured[name] = pick(parsed, path)
    if log:
        want = ctx.expand(as_text(step["logged"]))
        whole = sum("raw" not in entry for entry in step["logged"])
        got = as_text(log.appended(whole or bool(want)))
        if not wild(want, got, r"[^,\n]*"):
            return "logged: expected %.600r, got %.600r" % (want, got)
    return None


def run_case(case, fixtures, run, base, log, check_headers):
    ctx = Context("%s.%s" % (run, case["id"]), fixtures)
    try:
        if log:
            log.start()
        for number, step in enumerate(case["steps"], 1):
            problem = check_step(step, ctx, base, log, check_headers)
            if problem:
                return "step %d: %s" % (number, problem)
    except CaseError as error:
        return str(error)
    return None


def load(paths):
    """Yield (fixtures, case) of every file; a line with "fixtures" is a file's header."""
    for path in paths:
        fixtures = {}
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                if line.strip():
                    entry = json.loads(line)
                    if "fixtures" in entry:
                        fixtures = entry["fixtures"]
                    else:
                        yield fixtures, entry


def main(argv=None):
    parser = argparse.ArgumentParser(description="Replay recorded API cases.")
    parser.add_argument("base_url", help="for instance http://127.0.0.1:8080")
    parser.add_argument("cases", nargs="+", help="case files (JSON lines)")
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--log-cmd", help="command that prints the event log as JSON lines")
    source.add_argument("--log-url", help="address that returns the event log as JSON lines")
    parser.add_argument("--tags", default="", help="only cases with one of these tags (a,b)")
    parser.add_argument("--ids", default="", help="only these case ids (a,b)")
    parser.add_argument("--check-headers", action="store_true",
                        help="also compare recorded response headers (cache cases)")
    parser.add_argument("-v", "--verbose", action="store_true", help="name passing cases too")
    args = parser.parse_args(argv)
    tags, ids = set(filter(None, args.tags.split(","))), set(filter(None, args.ids.split(",")))
    log = Log(args.log_cmd, args.log_url)
    run = "r" + uuid.uuid4().hex[:10]
    passed = failed = 0
    for fixtures, case in load(args.cases):
        if (tags and not tags & set(case["tags"])) or (ids and case["id"] not in ids):
            continue
        problem = run_case(case, fixtures, run, args.base_url, log, args.check_headers)
        if problem:
            failed += 1
            print("FAIL %s (%s): %s" % (case["id"], case["title"], problem), flush=True)
        else:
            passed += 1
            if args.verbose:
                print("ok   %s" % case["id"], flush=True)
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())

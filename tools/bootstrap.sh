# Installs what is missing; sourced by tools/run and tools/test from the repository's root. A second call takes a moment.
#
#   need COMMAND-OR-FILE PACKAGE   note PACKAGE when COMMAND-OR-FILE is missing
#   install_packages               install what was noted, through apt, with sudo where not root
#   make_venv LOCK                 make .venv from LOCK (hashes checked) with the agent in it, unless it is up to date

missing=""

say() { printf '%s\n' "$*" >&2; }

need() {
    case $1 in
        /*) for file in $1; do [ -e "$file" ] && return 0; done ;;  # $1 may be a pattern
        *) command -v "$1" >/dev/null 2>&1 && return 0 ;;
    esac
    case " $missing " in *" $2 "*) ;; *) missing="$missing $2" ;; esac
}

install_packages() {
    [ -n "$missing" ] || return 0
    if ! command -v apt-get >/dev/null 2>&1; then
        say "Missing:$missing. This is not a Debian machine: install them by hand, then call again."
        exit 1
    fi
    sudo=""
    if [ "$(id -u)" != 0 ]; then
        sudo=sudo
        command -v sudo >/dev/null 2>&1 || { say "Missing:$missing. Install them as root: apt-get install$missing"; exit 1; }
    fi
    say "Installing:$missing"
    log=$(mktemp)
    # shellcheck disable=SC2086  # a list of words
    if ! { $sudo apt-get update && $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing; } >"$log" 2>&1; then
        tail -n 20 "$log" >&2
        say "apt-get could not install:$missing (its last lines stand above)"
        exit 1
    fi
    rm -f "$log"
    missing=""
}

# The Python that makes .venv: 3.11 or newer, with ensurepip (Debian keeps that in python3-venv).
find_python() {
    for python in python3 /usr/bin/python3; do
        if "$python" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            printf '%s\n' "$python"
            return 0
        fi
    done
    return 1
}

make_venv() {
    lock=$1
    stamp=.venv/installed
    # requirements-dev.lock holds all that requirements.lock does, so tools/run is content with either.
    want=$(cat requirements.lock requirements-dev.lock pyproject.toml | sha256sum | cut -d' ' -f1)
    if [ -x .venv/bin/kiosk-agent ] && { [ "$(cat $stamp 2>/dev/null)" = "$lock $want" ] || [ "$(cat $stamp 2>/dev/null)" = "requirements-dev.lock $want" ]; } &&
        .venv/bin/python -c 'import agent.kernel.release' >/dev/null 2>&1; then
        return 0
    fi
    python=$(find_python) || { say "No Python 3.11 or newer with venv: apt-get install python3-venv"; exit 1; }
    say "Making .venv from $lock"
    rm -rf .venv
    "$python" -m venv .venv
    .venv/bin/python -m pip --disable-pip-version-check --quiet --quiet install --require-hashes -r "$lock"
    .venv/bin/python -m pip --disable-pip-version-check --quiet --quiet install --no-build-isolation --no-deps --no-index -e .
    printf '%s\n' "$lock $want" >$stamp
}

#!/bin/sh
# Makes .venv with everything that requirements.lock pins and scantrail itself, editable. `make setup` calls this.
# With --find-python it only prints the interpreter that it would use.
set -eu
CDPATH='' cd -- "$(dirname -- "$0")/.."
# What the caller uses for other projects must not reach into this one.
unset PYENV_VERSION PYENV_DIR VIRTUAL_ENV PYTHONHOME PYTHONPATH PIP_TARGET PIP_PREFIX __PYVENV_LAUNCHER__
export PIP_USER=0

die() {
    echo "$*" >&2
    exit 1
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        set -- "$PYTHON"
    else
        set -- python3 python3.14 python3.13 python3.12 python
        # pyenv's commands fail when .python-version names a version that it lacks: ask what it has.
        PATH=$PATH:${PYENV_ROOT:-${HOME:-}/.pyenv}/bin
        for version in $(pyenv versions --bare 2>/dev/null); do
            set -- "$@" "$(pyenv root)/versions/$version/bin/python"
        done
    fi
    found=
    for candidate in "$@"; do
        command -v "$candidate" >/dev/null || continue
        # Answers with its path (of the base: an activated .venv may be about to go) or its version, even if it is Python 2.
        if answer=$("$candidate" -E -c 'import sys
new = sys.version_info >= (3, 12)
print(sys._base_executable if new else sys.version.split()[0])
sys.exit(not new)' 2>/dev/null); then
            echo "$answer"
            return
        fi
        found="$found${found:+, }$candidate = ${answer:-does not run}"
    done
    die "scantrail needs Python 3.12 or newer; found ${found:-no ${PYTHON:-python3}}." \
        'Install one (for example "pyenv install 3.13", "apt install python3.13", "brew install python@3.13")' \
        'or say where it is: make PYTHON=/path/to/python3.13'
}

identity() {
    "$1" -I -c 'import sys; print(sys.version, sys.base_prefix)'
}

# .venv/complete is written last and says what was made, where and from what.
whole() {
    [ "$(sed -n 1p .venv/complete 2>/dev/null)" = "$(pwd -P)" ] && # else: broken off, or the folder was moved
        .venv/bin/python -I -c 'import pip' 2>/dev/null &&         # else: its Python was removed or replaced
        { [ -z "${PYTHON:-}" ] || [ "$(identity .venv/bin/python)" = "$(identity "$python")" ]; }
}

explain() {
    # pip tells of each new attempt: only what it gave up on counts.
    case $(grep -v 'WARNING: Retrying' .venv/setup.log) in
    *'No space left on device'* | *'quota exceeded'*)
        why='the disk is full: make room (about 1 GB) and try again' ;;
    *'DO NOT MATCH THE HASHES'*)
        why='a download is not what requirements.lock pins: try again; if it stays, the mirror in use serves other files' ;;
    *'Max retries exceeded'* | *ConnectionError* | *Timeout* | *'HTTP error'* | *'from versions: none'*)
        why="the package index cannot be reached: check the network, the proxy and pip's own settings (pip config list)" ;;
    *'Obtaining file:'*) # what pip says of "-e .", which follows when all packages are in
        why="scantrail itself did not install: $(sed -n 's/^ *\(.*Error: \)/\1/p' .venv/setup.log | tail -n 1)" ;;
    *'subprocess-exited-with-error'* | *'Failed building wheel'* | *'Failed to build'*)
        why='a package has no wheel for this platform and did not compile: install a C compiler (apt install build-essential; macOS: xcode-select --install)' ;;
    *)
        why=$(grep -i error .venv/setup.log | tail -n 1) ;;
    esac
    die "scantrail: setup failed: ${why:-no reason given}. All that was said: .venv/setup.log"
}

if [ "${1:-}" = --find-python ]; then
    find_python
    exit
fi
made="$(pwd -P)
$(cksum requirements.lock pyproject.toml tools/setup.sh)"
python=
[ -z "${PYTHON:-}" ] || python=$(find_python)
if whole; then
    [ "$(cat .venv/complete)" != "$made" ] || exit 0
    rm .venv/complete
else
    python=$(find_python)
    "$python" -I -c 'import ensurepip, venv' 2>/dev/null ||
        die "scantrail: $python lacks its venv module. Debian and Ubuntu package it apart:" \
            "apt install $("$python" -I -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
    [ ! -e .venv ] || echo 'scantrail: .venv is incomplete, was moved or has another Python: making it anew'
    { rm -rf .venv && mkdir .venv; } 2>/dev/null || die 'scantrail: .venv cannot be replaced: remove it by hand and try again'
    "$python" -I -m venv .venv >.venv/setup.log 2>&1 || explain
fi
echo 'scantrail: installing what requirements.lock pins into .venv (about a minute) ...'
pip() {
    .venv/bin/python -I -m pip install --no-input --progress-bar off --disable-pip-version-check "$@"
}
{
    pip --require-hashes -r requirements.lock &&
        pip --no-deps --no-build-isolation -e . # hatchling and editables are pinned in the lock as well
} >.venv/setup.log 2>&1 || explain
echo "$made" >.venv/complete

# What every finding shares; sourced, not run. Sets $work, a temporary folder that goes away at the end.
set -euo pipefail
export LC_ALL=C.UTF-8 PYTHONWARNINGS=ignore PIP_DISABLE_PIP_VERSION_CHECK=1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# python_with PACKAGE==VERSION ...: a virtual environment in ./env with these packages.
python_with() {
    "${PYTHON:-python3}" -m venv env
    env/bin/pip --quiet install "$@" 2> pip.log || { cat pip.log >&2; exit 2; }
}

# npm_with PACKAGE@VERSION ...: a Node project in $work with these packages.
npm_with() {
    npm install --silent --no-audit --no-fund "$@" > npm.log 2>&1 || { cat npm.log >&2; exit 2; }
}

# same WHAT EXPECTED SEEN: fail when the behavior is no longer the one the finding describes.
same() {
    if [ "$2" != "$3" ]; then
        printf 'changed: %s\n  described: %s\n  now:       %s\n' "$1" "$2" "$3" >&2
        exit 1
    fi
    printf '%s: %s\n' "$1" "$3"
}

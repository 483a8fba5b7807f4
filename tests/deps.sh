#!/bin/sh
# Finds what the build needs beyond Rust, installs what is missing where it may, and otherwise says what to type.
# `deps.sh browser` is about the browser that the page is tried in.
set -eu

missing=""
need() { # need <command> <debian package>
    command -v "$1" >/dev/null 2>&1 || missing="$missing $2"
}

need cmake cmake
need cc "gcc libc6-dev"
need make make
need git git
need python3 python3
# Debian splits the standard library: venv exists and cannot make an environment without ensurepip.
if command -v python3 >/dev/null 2>&1 && ! python3 -c 'import ensurepip, venv' >/dev/null 2>&1; then
    missing="$missing python3-venv"
fi
if ! command -v "${CARGO:-cargo}" >/dev/null 2>&1; then
    echo "cargo is missing; install Rust 1.90 or newer: https://rustup.rs" >&2
    exit 1
fi
if [ "${1:-}" = browser ] && [ -z "${CHROMIUM:-}" ]; then
    command -v chromium || command -v chromium-browser || command -v google-chrome || missing="$missing chromium"
fi >/dev/null
[ -z "$missing" ] && exit 0

command="apt-get install -y --no-install-recommends$missing"
if ! command -v apt-get >/dev/null 2>&1; then
    echo "please install with your package manager:$missing" >&2
    exit 1
elif [ "$(id -u)" = 0 ]; then
    sudo=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    sudo="sudo -n"
else
    echo "the build needs$missing; please type: sudo $command" >&2
    exit 1
fi
echo "installing$missing"
$sudo apt-get update -qq
DEBIAN_FRONTEND=noninteractive $sudo env $command -qq >/dev/null

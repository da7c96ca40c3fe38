#!/bin/bash
# Installs or updates the terminal's program on a Raspberry Pi (64-bit Raspberry Pi OS) or any
# Debian 12 machine and newer. Run it from a checkout, as often as you like:
#
#   sudo deploy/pi/install.sh
#
# Each version gets a folder of its own under /opt/loaxa/releases, complete before the link
# /opt/loaxa/current moves to it; a power cut leaves the old version in place. Nothing secret is
# asked for, written or printed here: enrolment is a step of its own.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
prefix=/opt/loaxa
settings=/etc/loaxa/agent.env

say() { echo "loaxa: $*"; }
fail() {
    echo "loaxa: $*" >&2
    exit 1
}

check_machine() {
    [[ $(id -u) -eq 0 ]] || fail "run it as root: sudo $0"
    case $(uname -m) in
        aarch64 | x86_64) ;;
        *) fail "a 64-bit machine is needed, this is $(uname -m): install the 64-bit Raspberry Pi OS" ;;
    esac
    [[ $(getconf LONG_BIT) -eq 64 ]] ||
        fail "the kernel is 64-bit but the system is 32-bit: install the 64-bit Raspberry Pi OS"
    command -v apt-get >/dev/null || fail "only Debian and Raspberry Pi OS are supported (no apt-get here)"
    command -v systemctl >/dev/null || fail "systemd is needed (no systemctl here)"
}

installed() { [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

install_packages() {
    local missing=() name
    for name in python3 python3-venv ca-certificates libopus0 libpulse0; do
        installed "$name" || missing+=("$name")
    done
    # The sound library's package was renamed in Debian 13.
    installed libasound2 || installed libasound2t64 || missing+=(libasound2)
    ((${#missing[@]})) || return 0
    say "installing ${missing[*]}"
    apt-get update -qq || fail "the package lists could not be fetched: is the network up?"
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${missing[@]}" \
        >/dev/null || fail "these packages could not be installed: ${missing[*]}"
}

check_python() {
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        fail "Python 3.11 or newer is needed, this is $(python3 -V): install Raspberry Pi OS Bookworm or newer"
    python3 -c 'import venv, ensurepip' || fail "python3 has no venv module: apt-get install python3-venv"
}

make_user() {
    getent passwd loaxa >/dev/null ||
        useradd --system --user-group --home-dir /var/lib/loaxa-agent --no-create-home \
            --shell /usr/sbin/nologin loaxa
    # The group of the pins exists on a Raspberry Pi only; the unit names it.
    getent group gpio >/dev/null || groupadd --system gpio
}

# A name for what would be installed: it changes when the program, its packages or Python do.
release_name() {
    (
        cd -- "$here"
        python3 -V
        find edge_agent pyproject.toml requirements/terminal.txt requirements/build.txt \
            -type f -not -path '*/__pycache__/*' -print0 | sort -z | xargs -0 sha256sum
    ) | sha256sum | cut -c 1-12
}

make_release() {
    local release=$prefix/releases/$1 work
    [[ ! -e $release/complete ]] || return 0
    say "building version $1"
    rm -rf -- "$release"
    mkdir -p -- "$prefix/releases"
    python3 -m venv "$release" || fail "the environment could not be created in $release"
    work=$(mktemp -d)
    # shellcheck disable=SC2064  # the folder's name is meant as it is now
    trap "rm -rf -- '$work'" EXIT
    # The wheel is built beside, so that the terminal keeps no build tools.
    python3 -m venv "$work/build"
    fetch "$work/build" "$here/requirements/build.txt"
    "$work/build/bin/python" -m pip wheel --quiet --no-deps --no-build-isolation \
        --wheel-dir "$work" "$here" || fail "the program could not be packed"
    fetch "$release" "$here/requirements/terminal.txt"
    "$release/bin/python" -m pip install --quiet --no-deps --no-index "$work"/loaxa-*.whl ||
        fail "the program could not be installed"
    "$release/bin/python" -c 'import edge_agent.cli' || fail "the installed program does not start"
    "$release/bin/python" -m compileall -q "$release/lib" || true
    sync -f "$release"
    touch "$release/complete"
}

fetch() {
    "$1/bin/python" -m pip install --quiet --no-input --disable-pip-version-check \
        --require-hashes --no-deps --only-binary=:all: --requirement "$2" ||
        fail "packages could not be fetched and verified: is the network up?"
}

activate() {
    local release=$prefix/releases/$1
    ln -sfn -- "$release" "$prefix/current.new"
    mv -Tf -- "$prefix/current.new" "$prefix/current"
    sync -f "$prefix"
}

# Keep the version in use and the one before it.
forget_old() {
    local keep=$1 old
    find "$prefix/releases" -mindepth 1 -maxdepth 1 -type d -not -name "$keep" -printf '%T@ %f\n' |
        sort -rn | tail -n +2 | while read -r _ old; do
        rm -rf -- "${prefix:?}/releases/${old:?}"
    done
}

install_files() {
    install -d -m 0755 /etc/loaxa
    [[ -e $settings ]] || install -m 0640 -g loaxa "$here/deploy/pi/agent.env" "$settings"
    install -m 0644 "$here/deploy/systemd/loaxa-agent.service" /etc/systemd/system/
    install -d -m 0755 /etc/systemd/system.conf.d /etc/systemd/journald.conf.d
    install -m 0644 "$here/deploy/pi/watchdog.conf" /etc/systemd/system.conf.d/loaxa.conf
    install -m 0644 "$here/deploy/pi/journal.conf" /etc/systemd/journald.conf.d/loaxa.conf
    systemctl daemon-reload
    systemctl enable --quiet loaxa-agent.service
}

main() {
    check_machine
    install_packages
    check_python
    make_user
    local name
    name=$(release_name)
    make_release "$name"
    activate "$name"
    install_files
    forget_old "$name"
    ln -sfn -- "$prefix/current/bin/loaxa-agent" /usr/local/bin/loaxa-agent
    if [[ -e /var/lib/loaxa-agent/identity ]]; then
        systemctl restart loaxa-agent.service || fail "the terminal did not start: journalctl -u loaxa-agent"
        say "version $name is running"
    else
        say "version $name is installed. Enrol it with the code from the screen \"Loa\":"
        say "  sudo -u loaxa loaxa-agent enrol"
        say "  sudo systemctl start loaxa-agent"
    fi
}

main "$@"

#!/usr/bin/env bash
# Proves the two commands on a bare machine: makes a minimal Debian 12 with debootstrap in a folder
# of its own, clones this tree's HEAD into it, and runs there what is asked for (default: `./dev
# demo`, then `./dev test`). Needs root, debootstrap and the Debian and npm registries.
#
#     tests/bare-machine.sh [--keep FOLDER] [COMMAND...]
#
# --keep FOLDER   make the system there, or use the one that is there (but for the clone, which is
#                 always fresh), and leave it; without it everything is removed at the end
#
# The system has mount and process namespaces of its own: nothing stays mounted, no process stays.
set -euo pipefail

tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
keep=
if [ "${1:-}" = --keep ]; then
    keep=$2
    shift 2
fi
[ $# -gt 0 ] || set -- sh -c './dev demo && ./dev test'

system=${keep:-$(mktemp -d "${TMPDIR:-/var/tmp}/nhipcau-bare.XXXXXX")}
trap '[ -n "$keep" ] || rm -rf --one-file-system "$system"' EXIT

if [ ! -e "$system/etc/debian_version" ]; then
    echo "== making a minimal Debian 12 in $system"
    mkdir -p "$system"
    debootstrap --variant=minbase bookworm "$system" >"$system.log" 2>&1 ||
        { tail -n 20 "$system.log" >&2; exit 1; }
    rm -f "$system.log"
fi

# How this machine reaches the registries: names, and certificates of a proxy if there is one.
cp /etc/resolv.conf /etc/hosts "$system/etc/"
certificates=
if [ -n "${NODE_EXTRA_CA_CERTS:-}" ]; then
    certificates=/etc/nhipcau-ca.crt
    cp "$NODE_EXTRA_CA_CERTS" "$system$certificates"
fi

rm -rf "$system/src"
git clone --quiet --no-hardlinks "$tree" "$system/src/nhipcau"
echo "== in it: $* ($(git -C "$tree" rev-parse --short HEAD), $(nproc) cores)"

# shellcheck disable=SC2016
unshare --mount --pid --fork --kill-child sh -ec '
    system=$1
    shift
    mount --make-rprivate /
    mount -t proc proc "$system/proc"
    mount --rbind /sys "$system/sys"
    mount --rbind /dev "$system/dev"
    mount -t tmpfs tmpfs "$system/dev/shm"
    exec chroot "$system" "$@"
' sh "$system" /usr/bin/env -i HOME=/root LANG=C.UTF-8 TERM="${TERM:-dumb}" \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    ${certificates:+NODE_EXTRA_CA_CERTS=$certificates} \
    sh -c 'cd /src/nhipcau && exec "$@"' sh "$@"

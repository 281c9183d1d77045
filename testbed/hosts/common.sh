# shellcheck shell=bash
# Settings, messages, locks and process identity that every part of hosts.sh uses.

STATE=${BUOY_TESTBED_DIR:-/var/tmp/buoy-testbed}
NETWORK=${BUOY_TESTBED_NETWORK:-10.77.0}
PREFIX=${BUOY_TESTBED_PREFIX:-buoytb}   # interface names have 15 characters at most: keep it to 10
HOSTS=$STATE/hosts
BRIDGE=${PREFIX}0
NFT_TABLE=${PREFIX//-/_}
DEPLOY_UID=1000
DEPLOY_PASSWORD=deploy-pass
LOCK_SECONDS=900                        # a layer build on a busy machine takes minutes; longer means a stuck process

log() { echo "testbed: $*" >&2; }
die() { log "$*"; exit 1; }

# umask 022: files of the image belong to root and must be readable whatever the caller's umask
umask 022

# lock NAME: held until this process ends; children that outlive it are started without the descriptor.
declare -A held_locks=()
lock() {
  [ -z "${held_locks[$1]:-}" ] || return 0
  mkdir -p "$STATE/locks"
  local descriptor
  exec {descriptor}>"$STATE/locks/$1"
  flock -w "$LOCK_SECONDS" "$descriptor" || die "another process holds the lock $STATE/locks/$1 for over $LOCK_SECONDS s"
  held_locks[$1]=$descriptor
}
unlock() {
  local descriptor=${held_locks[$1]:-}
  [ -n "$descriptor" ] || return 0
  exec {descriptor}>&-
  unset "held_locks[$1]"
}
lock_host() { lock "host-$1"; }
close_locks() { local name; for name in "${!held_locks[@]}"; do unlock "$name"; done; }

# A process is remembered as "PID STARTTIME": a number alone may belong to another process by now. A zombie counts as gone.
start_time() {
  local stat
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
  # shellcheck disable=SC2086 # the words after the name, which may hold spaces itself
  set -- ${stat##*) }
  [ "$1" = Z ] || echo "${20}"
}
remember_process() { echo "$1 $(start_time "$1")" >"$2"; }
remembered_process() {
  local pid started
  { read -r pid started <"$1"; } 2>/dev/null || return 1
  [ -n "$started" ] && [ "$(start_time "$pid")" = "$started" ] || return 1
  echo "$pid"
}

# until_true SECONDS COMMAND…: polls 20 times a second; fails when the time is over.
until_true() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep 0.05
  done
}

check_name() { [[ $1 =~ ^[a-z0-9][a-z0-9-]{0,23}$ ]] || die "a host name has 1 to 24 of a-z, 0-9 and -: '$1'"; }
host_exists() { [ -e "$HOSTS/$1/made.ok" ]; }
require_host() { check_name "$1"; host_exists "$1" || die "no host $1"; }
require_running() { require_host "$1"; host_runs "$1" || die "host $1 is not running"; }
for_each_host() {
  local directory
  for directory in "$HOSTS"/*/; do
    [ -e "$directory/made.ok" ] || continue
    "$1" "$(basename "$directory")"
  done
}

# Unmounts everything below a folder, deepest first. Paths of ours hold no character that /proc/mounts escapes.
unmount_below() {
  local mount
  while read -r mount; do umount -l "$mount" || true; done < <(awk -v folder="$1/" 'index($2, folder) == 1 { print $2 }' /proc/mounts | sort -r)
}

#!/usr/bin/env bash
# Hundreds of tiny SSH hosts for scale tests: one sshd each, with its own root, names and processes, at its own loopback address.
set -euo pipefail

usage() {
  cat <<'TEXT'
light-hosts.sh: no systemd, no network of its own; root logs in by key. Shares the cached image of hosts.sh.

  up FROM TO     hosts FROM to TO (1 to 60000), prints their JSON, one a line; those that run are kept
  list           JSON of the hosts that run
  freeze FROM TO stops all their processes: they accept connections, and answer nothing; ends when they are ended
  down FROM TO   ends them
  down-all       ends all and removes their files
Host N listens at 127.77.(N / 250).(N % 250 + 1), port 22.
TEXT
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
for part in common support image cgroup layer; do
  # shellcheck source=/dev/null
  source "$here/hosts/$part.sh"
done

LIGHT=$STATE/light
GROUP=$(cgroup_of _light)   # no name of a full host holds an underscore
START_SECONDS=60

address_of() { echo "127.77.$(($1 / 250)).$(($1 % 250 + 1))"; }
is_running() { remembered_process "$LIGHT/$1/process" >/dev/null; }

prepare() {
  mkdir -p "$LIGHT" "$GROUP"
  [ -e "$LIGHT/id_ed25519" ] || ssh-keygen -q -t ed25519 -N '' -C testbed-light -f "$LIGHT/id_ed25519"
  mkdir -p "$LIGHT/memory"
  mountpoint -q "$LIGHT/memory" || mount -t tmpfs -o mode=755 "$PREFIX-light" "$LIGHT/memory"
}

start_one() {
  local number=$1 directory=$LIGHT/$1 root=$LIGHT/$1/root memory=$LIGHT/memory/$1
  is_running "$number" && return 0
  mkdir -p "$root" "$memory/upper" "$memory/work" "$GROUP/$number"
  mountpoint -q "$root" || mount -t overlay "$PREFIX-light-$number" -o "lowerdir=$(image_path),upperdir=$memory/upper,workdir=$memory/work" "$root"
  [ -e "$root/etc/ssh/ssh_host_ed25519_key" ] || ssh-keygen -q -t ed25519 -N '' -C "root@light-$number" -f "$root/etc/ssh/ssh_host_ed25519_key"
  install -d -m 700 "$root/root/.ssh"
  install -m 600 "$LIGHT/id_ed25519.pub" "$root/root/.ssh/authorized_keys"
  echo "light-$number" >"$root/etc/hostname"
  (
    close_locks
    echo $BASHPID >"$GROUP/$number/cgroup.procs"
    exec setsid unshare --mount --pid --uts --ipc --fork --kill-child --mount-proc="$root/proc" \
      bash "$here/light-hosts.sh" run-sshd "$number" </dev/null >"$directory/log" 2>&1
  ) &
  remember_process $! "$directory/process"
  disown
}

# Runs inside the namespaces. All clients come from one address, so sshd's refusal of addresses that failed often is off for loopback.
run_sshd() {
  local root=$LIGHT/$1/root
  hostname "light-$1"
  mount --bind /dev "$root/dev"
  mkdir -p "$root/run/sshd"
  exec chroot "$root" /usr/sbin/sshd -D -e -o ListenAddress="$(address_of "$1")" -o HostKey=/etc/ssh/ssh_host_ed25519_key \
    -o UsePAM=no -o PermitRootLogin=prohibit-password -o PidFile=none -o PerSourcePenaltyExemptList=127.0.0.0/8
}

# /proc/net/tcp shows an address as little-endian hexadecimal: 127.77.A.B is BBAA4D7F
listens() {
  local address
  address=$(printf '%02X%02X4D7F:0016' "$(($1 % 250 + 1))" "$(($1 / 250))")
  grep -qE "^ *[0-9]+: $address [0-9A-F:]+ 0A " /proc/net/tcp
}
listens_or_died() { ! is_running "$1" || listens "$1"; }

info_one() {
  printf '{"name":"light-%s","host":"%s","port":22,"user":"root","key":"%s","hostKey":"%s"}\n' "$1" "$(address_of "$1")" \
    "$LIGHT/id_ed25519" "$(ssh-keygen -lf "$LIGHT/$1/root/etc/ssh/ssh_host_ed25519_key.pub" | cut -d' ' -f2)"
}

up() {
  local number
  check_range "$@"
  require_support
  ensure_image
  lock light
  prepare
  for number in $(seq "$1" "$2"); do start_one "$number"; done
  for number in $(seq "$1" "$2"); do
    until_true "$START_SECONDS" listens_or_died "$number" || true
    if ! listens "$number"; then die "light-$number did not start; see $LIGHT/$number/log"; fi
    info_one "$number"
  done
}

freeze_one() {
  echo 1 >"$GROUP/$1/cgroup.freeze"
  until_true 10 grep -q '^frozen 1' "$GROUP/$1/cgroup.events" || die "light-$1 does not freeze"
}

down_one() {
  local number=$1 process
  if process=$(remembered_process "$LIGHT/$number/process"); then
    kill -KILL "$process" || true
    until_true 10 is_gone "$number" || die "light-$number does not end"
  fi
  rmdir "$GROUP/$number" 2>/dev/null || true
  umount -l "$LIGHT/$number/root" 2>/dev/null || true
  rm -rf --one-file-system "${LIGHT:?}/$number" "$LIGHT/memory/$number"
}
is_gone() { ! is_running "$1"; }

down_all() {
  lock light
  if [ -d "$GROUP" ]; then
    echo 1 >"$GROUP/cgroup.kill"
    until_true 30 grep -q '^populated 0' "$GROUP/cgroup.events" || die "processes do not end: $GROUP"
    find "$GROUP" -depth -type d -exec rmdir {} +
  fi
  unmount_below "$LIGHT"
  rm -rf --one-file-system "$LIGHT"
}

check_range() { [[ ${1:-} =~ ^[1-9][0-9]*$ && ${2:-} =~ ^[1-9][0-9]*$ && $1 -le $2 && $2 -le 60000 ]] || die "a range is FROM TO, 1 to 60000"; }
running_numbers() {
  local directory
  for directory in "$LIGHT"/*/; do
    directory=$(basename "$directory")
    if [[ $directory =~ ^[0-9]+$ ]] && is_running "$directory"; then echo "$directory"; fi
  done | sort -n
}

case ${1:-help} in
  up) up "${@:2}" ;;
  list) for number in $(running_numbers); do info_one "$number"; done ;;
  freeze) check_range "${@:2}"; for number in $(seq "$2" "$3"); do freeze_one "$number"; done ;;
  down) check_range "${@:2}"; lock light; for number in $(seq "$2" "$3"); do down_one "$number"; done ;;
  down-all) down_all ;;
  run-sshd) run_sshd "$2" ;;
  *) usage; [ "${1:-help}" = help ] || exit 2 ;;
esac

# shellcheck shell=bash
# Removes everything live, also what killed runs left without a record; the cached image and layers stay.

clean() {
  [ "$(id -u)" = 0 ] || die "not root"
  local directory name
  for directory in "$HOSTS"/*/; do
    [ -d "$directory" ] || continue
    name=$(basename "$directory")
    lock_host "$name"
    down_host "$name"
    unlock "host-$name"
  done
  lock build
  lock hosts
  kill_leftover_processes
  unmount_leftovers
  remove_leftover_network
  find "$(cgroup_root)/$PREFIX" "/sys/fs/cgroup/memory/$PREFIX" -depth -type d -exec rmdir {} + 2>/dev/null || true
  rm -rf --one-file-system "$HOSTS" "$STATE/light" "$STATE"/probe.* "$STATE"/images/*.partial
}

kill_leftover_processes() {
  local group
  group=$(cgroup_root)/$PREFIX
  [ -d "$group" ] || return 0
  find "$group" -name cgroup.freeze -exec sh -c 'echo 0 >"$1"' sh {} \; 2>/dev/null || true
  echo 1 >"$group/cgroup.kill" 2>/dev/null || true
  until_true 30 grep -q '^populated 0' "$group/cgroup.events" || die "processes do not end: $group"
}

# systemd-nspawn's folder only when it is ours
unmount_leftovers() {
  unmount_below "$STATE"
  if [ "$(awk '$2 == "/run/systemd/nspawn" { print $1 }' /proc/mounts)" = "$PREFIX" ]; then umount -l /run/systemd/nspawn; fi
}

remove_leftover_network() {
  local namespace link
  for namespace in /run/netns/"$PREFIX"-*; do
    [ -e "$namespace" ] || continue
    ip netns del "$(basename "$namespace")" 2>/dev/null || rm -f "$namespace"
  done
  for link in /sys/class/net/"$PREFIX"*x; do
    [ ! -e "$link" ] || ip link del "$(basename "$link")" 2>/dev/null || true
  done
  ip link del "$BRIDGE" 2>/dev/null || true
  nft delete table ip "$NFT_TABLE" 2>/dev/null || true
}

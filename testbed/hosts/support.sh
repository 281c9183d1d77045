# shellcheck shell=bash
# Whether full hosts can run on this machine, and the Debian packages they need.

missing_packages() {
  local command_and_package
  for command_and_package in mmdebstrap:mmdebstrap systemd-nspawn:systemd-container nft:nftables ip:iproute2 tc:iproute2 \
    ssh-keygen:openssh-client mkfs.ext4:e2fsprogs nsenter:util-linux setpriv:util-linux flock:util-linux; do
    command -v "${command_and_package%%:*}" >/dev/null || echo "${command_and_package##*:}"
  done | sort -u
}

can_install() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null && [ -e /etc/debian_version ]; }

install_dependencies() {
  local packages package
  mapfile -t packages < <(missing_packages)
  [ ${#packages[@]} -gt 0 ] || return 0
  if ! can_install; then
    printf '%s\n' "${packages[@]}"
    exit 3
  fi
  for package in "${packages[@]}"; do echo "installing $package"; done
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
}

# One line on stdout and exit 1 when hosts cannot run here. Tries the kernel features instead of guessing from versions.
supported() {
  local reason
  reason=$(unsupported_reason)
  [ -z "$reason" ] || { echo "$reason"; exit 1; }
}
require_support() {
  local reason
  reason=$(unsupported_reason)
  [ -z "$reason" ] || die "$reason"
}
unsupported_reason() {
  [ "$(uname -s)" = Linux ] || { echo "not Linux"; return; }
  [ "$(id -u)" = 0 ] || { echo "not root"; return; }
  [ -e /etc/debian_version ] || { echo "not a Debian-like system"; return; }
  local packages
  packages=$(missing_packages | tr '\n' ' ')
  [ -z "$packages" ] || { echo "missing packages: ${packages% }"; return; }
  unshare --mount --pid --net --uts --ipc --cgroup --fork true 2>/dev/null || { echo "no namespaces"; return; }
  [ -n "$(cgroup_root)" ] || { echo "no cgroup v2 tree"; return; }
  mkdir -p "$STATE" 2>/dev/null || { echo "cannot write $STATE"; return; }
  overlay_works || { echo "no overlayfs on $STATE"; return; }
  unshare --net bash -c 'ip link add bridge0 type bridge && ip link add veth0 type veth peer name veth1 && nft add table ip probe' 2>/dev/null ||
    { echo "no bridge, veth or nftables in the kernel"; return; }
}
overlay_works() {
  local probe
  probe=$(mktemp -d "$STATE/probe.XXXXXX")
  mkdir "$probe/lower" "$probe/upper" "$probe/work" "$probe/root"
  local works=1
  unshare --mount mount -t overlay probe -o "lowerdir=$probe/lower,upperdir=$probe/upper,workdir=$probe/work" "$probe/root" 2>/dev/null && works=0
  rm -rf "$probe"
  return $works
}

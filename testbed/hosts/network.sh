# shellcheck shell=bash
# One bridge for all hosts, and for each host a network namespace with its own address and a way out.

namespace_of() { echo "$PREFIX-$1"; }
number_of() { cat "$HOSTS/$1/number"; }
address_of() { echo "$NETWORK.$(number_of "$1")"; }
port_of_bridge() { echo "$PREFIX$(number_of "$1")x"; }
in_namespace() { local namespace; namespace=$(namespace_of "$1"); shift; ip netns exec "$namespace" "$@"; }

# The bridge, the address translation for the way out, and the limits of the kernel that many hosts run into.
ensure_network() {
  if ! ip link show "$BRIDGE" >/dev/null 2>&1; then
    ip link add "$BRIDGE" type bridge
    ip addr add "$NETWORK.1/24" dev "$BRIDGE"
  fi
  without_own_address "$BRIDGE"
  ip link set "$BRIDGE" up
  # 128 inotify instances, the default, stop the 26th systemd host from booting
  sysctl -qw net.ipv4.ip_forward=1
  raise_limit fs.inotify.max_user_instances 8192
  raise_limit kernel.keys.maxkeys 20000
  nft list table ip "$NFT_TABLE" >/dev/null 2>&1 || nft -f - <<RULES
table ip $NFT_TABLE {
  set offline { type ipv4_addr; }
  set cut { type ipv4_addr; }
  chain outbound { type nat hook postrouting priority srcnat; ip saddr $NETWORK.0/24 oifname != "$BRIDGE" masquerade; }
  chain through { type filter hook forward priority filter; ip saddr @offline drop; ip saddr @cut drop; }
  chain arriving { type filter hook input priority filter; iifname "$BRIDGE" ip saddr @cut drop; }
}
RULES
}
# The kernel gives a link an IPv6 address when it comes up; Chromium then drops what waits for a connection (ERR_NETWORK_CHANGED), on any page of this machine.
without_own_address() { ip link set "$1" addrgenmode none; ip -6 addr flush dev "$1"; }
raise_limit() { [ "$(sysctl -n "$1")" -ge "$2" ] || sysctl -qw "$1=$2"; }

# The lowest free number of the /24; the caller holds the lock "hosts". Reusing a number gives a new host key at a known address.
allocate_number() {
  local number taken
  taken=$(cat "$HOSTS"/*/number 2>/dev/null || true)
  for number in $(seq 2 250); do
    grep -qxF "$number" <<<"$taken" || { echo "$number"; return; }
  done
  die "no address is left in $NETWORK.0/24"
}

ensure_namespace() {
  local name=$1 namespace port
  namespace=$(namespace_of "$name")
  port=$(port_of_bridge "$name")
  # after a reboot of the machine a stale file may stand where the namespace was mounted
  if [ -e "/run/netns/$namespace" ] && ! in_namespace "$name" true 2>/dev/null; then rm -f "/run/netns/$namespace"; fi
  [ -e "/run/netns/$namespace" ] || ip netns add "$namespace"
  if ! ip link show "$port" >/dev/null 2>&1; then
    # an address keeps its hardware address: this machine remembers the pair for a while, and the address may be of a new host
    ip link add "$port" type veth peer name eth0 address "$(printf '02:00:00:00:00:%02x' "$(number_of "$name")")" netns "$namespace"
    ip -n "$namespace" addr add "$(address_of "$name")/24" dev eth0
    ip -n "$namespace" link set lo up
    ip -n "$namespace" link set eth0 up
    ip -n "$namespace" route add default via "$NETWORK.1"
  fi
  without_own_address "$port"
  ip link set "$port" master "$BRIDGE" up
  [ "$(option_of "$name" internet)" = yes ] || set_member add "$name" offline
}

remove_namespace() {
  local name=$1
  ip netns del "$(namespace_of "$name")" 2>/dev/null || rm -f "/run/netns/$(namespace_of "$name")"
  ip link del "$(port_of_bridge "$name")" 2>/dev/null || true
  set_member delete "$name" offline
  set_member delete "$name" cut
}

# set_member add|delete NAME SET: adding twice is fine in nft, deleting what is not there is not an error here.
set_member() { nft "$1" element ip "$NFT_TABLE" "$3" "{ $(address_of "$2") }" 2>/dev/null || [ "$1" = delete ]; }

# A rule for what arrives at a host, in a table of its own in the host's namespace.
replace_table() {
  in_namespace "$1" nft -f - <<RULES
table inet $2 {}
delete table inet $2
table inet $2 {
  chain arriving {
    type filter hook input priority filter
    $3
  }
}
RULES
}
delete_table() { in_namespace "$1" nft delete table inet "$2" 2>/dev/null || true; }

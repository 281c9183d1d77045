# shellcheck shell=bash
# Faults of a host. Each has an inverse, and both are idempotent. `fault NAME none` ends all faults.

GATEWAY_UNIT=openclaw-gateway.service
FAULT_SECONDS=90   # an order to systemd inside a host on a busy machine

fault() {
  local name=$1 kind=${2:-}
  case $kind in
    cut | restore | refuse | unrefuse | unrate | freeze | thaw | fill | unfill | none) "fault_${kind}" "$name" ;;
    rate) fault_rate "$name" "${3:-}" ;;
    kill-connections | ssh-stop | ssh-start | gateway-stop | gateway-start | break-config | mend-config | new-host-key | restore-host-key)
      require_running "$name"
      ! cgroup_is "$name" frozen 1 || die "$name is frozen: thaw it first"
      "fault_${kind//-/_}" "$name"
      ;;
    *) die "unknown fault '$kind'" ;;
  esac
}

# Ends every fault and restarts ssh and, where installed, the gateway.
fault_none() {
  local inverse
  for inverse in restore unrefuse unrate thaw unfill; do "fault_$inverse" "$1"; done
  host_runs "$1" || return 0
  fault_restore_host_key "$1"
  fault_ssh_start "$1"
  if [ -e "$HOSTS/$1/original-config/openclaw.json" ]; then fault_mend_config "$1"; elif has_gateway "$1"; then fault_gateway_start "$1"; fi
}

# A systemctl call inside the host with a deadline, so that a hanging host does not hang the test.
order() { timeout "$FAULT_SECONDS" bash "$here/hosts.sh" exec "$@"; }
order_deploy() { local name=$1; shift; order "$name" --user deploy systemctl --user "$@"; }
has_gateway() { [ -e "$(root_of "$1")/home/deploy/.config/systemd/user/$GATEWAY_UNIT" ]; }

# Drops all packets in both directions: open and new connections run into their time-outs.
# The client's own sending must not fail, so packets to the host are dropped on the other side of the wire.
fault_cut() {
  set_member add "$1" cut
  replace_table "$1" cut 'iifname != "lo" drop'
}
fault_restore() {
  set_member delete "$1" cut
  delete_table "$1" cut
}
fault_refuse() { replace_table "$1" refuse 'iifname != "lo" tcp dport 22 reject with tcp reset'; }
fault_unrefuse() { delete_table "$1" refuse; }

# Kilobits per second, each way.
fault_rate() {
  [[ $2 =~ ^[1-9][0-9]*$ ]] || die "rate needs a number of kbit/s"
  local shape=(root tbf rate "${2}kbit" burst 16kb latency 400ms)
  tc qdisc replace dev "$(port_of_bridge "$1")" "${shape[@]}"
  in_namespace "$1" tc qdisc replace dev eth0 "${shape[@]}"
}
fault_unrate() {
  tc qdisc del dev "$(port_of_bridge "$1")" root 2>/dev/null || true
  in_namespace "$1" tc qdisc del dev eth0 root 2>/dev/null || true
}

# The host hangs, its TCP connections stay: the kernel still answers for it.
fault_freeze() { require_running "$1"; freeze_cgroup "$1" || die "$1 did not freeze"; }
fault_thaw() { thaw_cgroup "$1"; }

# Most of it without writing; then, because blocks that were set aside become free later, until none is left.
fault_fill() {
  local fill free
  fill=$(root_of "$1")/var/fill.bin
  [ -e "$HOSTS/$1/disk.img" ] || die "fill needs a host made with --disk, else it would fill this machine"
  mount_root "$1"
  free=$(($(stat -f -c '%a * %S' "$HOSTS/$1/disk") / 1024 - 4096))
  if [ ! -e "$fill" ] && [ "$free" -gt 0 ]; then fallocate -l "${free}K" "$fill"; fi
  until_true 60 is_full_after_filling "$1" || die "$1 did not fill up"
}
is_full_after_filling() {
  dd if=/dev/zero of="$(root_of "$1")/var/fill.bin" oflag=append conv=notrunc bs=4k status=none 2>/dev/null || true
  sync -f "$HOSTS/$1/disk"
  [ "$(stat -f -c %a "$HOSTS/$1/disk")" = 0 ]
}
fault_unfill() { rm -f "$(root_of "$1")/var/fill.bin"; }

# Sessions die, the listener stays
fault_kill_connections() { order "$1" pkill -KILL -x 'sshd-session|sshd-auth' || [ $? = 1 ]; }
fault_ssh_stop() { order "$1" systemctl stop ssh.socket ssh.service; }
fault_ssh_start() { order "$1" systemctl is-active -q ssh.service || order "$1" systemctl start ssh.service; }

# A drained stop may take minutes: after half a minute the gateway is killed
fault_gateway_stop() {
  timeout 30 bash "$here/hosts.sh" exec "$1" --user deploy systemctl --user stop "$GATEWAY_UNIT" ||
    order_deploy "$1" kill --signal KILL "$GATEWAY_UNIT" || true
}
fault_gateway_start() {
  # a test that killed every process of deploy took the user manager with them, and lingering does not bring that back
  order "$1" systemctl start "user@$DEPLOY_UID.service"
  order_deploy "$1" is-active -q "$GATEWAY_UNIT" && return 0
  order_deploy "$1" reset-failed "$GATEWAY_UNIT" || true
  order_deploy "$1" start --no-block "$GATEWAY_UNIT"
}

# The gateway is restarted into a config that it refuses. The copy that it would restore is set aside too; both originals
# stand outside the host, so that nothing inside shows them.
fault_break_config() {
  local config original=$HOSTS/$1/original-config
  config=$(config_of "$1")
  [ -e "$config" ] || die "$1 has no OpenClaw config"
  if [ ! -e "$original/openclaw.json" ]; then
    mkdir -p "$original"
    [ ! -e "$config.last-good" ] || mv "$config.last-good" "$original/"
    cp -p "$config" "$original/"
  fi
  echo '{ "gateway": { "port": "not a port", ' | exec_in_host "$1" --user deploy tee .openclaw/openclaw.json >/dev/null
  fault_gateway_stop "$1"
  order_deploy "$1" start --no-block "$GATEWAY_UNIT"
}
fault_mend_config() {
  local config original=$HOSTS/$1/original-config
  config=$(config_of "$1")
  [ -e "$original/openclaw.json" ] || return 0
  fault_gateway_stop "$1"
  [ ! -e "$original/openclaw.json.last-good" ] || mv "$original/openclaw.json.last-good" "$config.last-good"
  mv "$original/openclaw.json" "$config"
  fault_gateway_start "$1"
}

fault_new_host_key() {
  local directory kind original=$HOSTS/$1/original-keys
  directory=$(root_of "$1")/etc/ssh
  if [ ! -d "$original" ]; then
    rm -rf "$original.partial"
    mkdir "$original.partial"
    cp -p "$directory"/ssh_host_*_key* "$original.partial/"
    mv "$original.partial" "$original"
  fi
  rm -f "$directory"/ssh_host_*
  for kind in ed25519 ecdsa; do
    ssh-keygen -q -t "$kind" -N '' -C "root@$1" -f "$directory/ssh_host_${kind}_key"
  done
  order "$1" systemctl restart ssh.service
}
fault_restore_host_key() {
  local directory original=$HOSTS/$1/original-keys
  directory=$(root_of "$1")/etc/ssh
  [ -d "$original" ] || return 0
  cp -p "$original"/* "$directory/"
  rm -rf "$original"
  order "$1" systemctl restart ssh.service
}

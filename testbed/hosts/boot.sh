# shellcheck shell=bash
# Booting and ending a host: systemd-nspawn as the machine, a supervisor process that boots it again after a reboot.

REBOOT_STATUS=133   # with --keep-unit systemd-nspawn ends with it when the guest asks for a reboot
BOOT_SECONDS=60     # 0.5 s on an idle machine
STOP_SECONDS=60     # 1.6 s on an idle machine; a gateway that drains its work may take minutes

host_runs() { remembered_process "$HOSTS/$1/supervisor" >/dev/null; }
# PID 1 of the host, seen from here
leader_of() {
  local nspawn
  nspawn=$(remembered_process "$HOSTS/$1/nspawn") || return 1
  tr ' ' '\n' <"/proc/$nspawn/task/$nspawn/children" | head -1 | grep .
}

# Starts the supervisor; it outlives this process, so it keeps none of its locks, streams or session.
boot_host() {
  local name=$1
  host_runs "$name" && return 0
  end_host "$name"
  lock hosts
  ensure_network
  ensure_nspawn_directory
  mount_root "$name"
  ensure_namespace "$name"
  unlock hosts
  (
    close_locks
    exec setsid bash "$here/hosts.sh" run-supervisor "$name" </dev/null >>"$HOSTS/$name/console.log" 2>&1
  ) &
  remember_process $! "$HOSTS/$name/supervisor"
  disown
  until_true "$BOOT_SECONDS" has_booted_or_died "$name" || die "$name did not boot within $BOOT_SECONDS s; see $HOSTS/$name/console.log"
  host_runs "$name" || { tail -5 "$HOSTS/$name/console.log" >&2; die "$name died while booting; see $HOSTS/$name/console.log"; }
}

# systemd-nspawn needs a tmpfs here, else leftovers of a killed run stop the next boot
ensure_nspawn_directory() {
  mkdir -p /run/systemd/nspawn
  [ "$(stat -f -c %T /run/systemd/nspawn)" = tmpfs ] || mount -t tmpfs "$PREFIX" /run/systemd/nspawn
}

# Runs as its own process until the host is off.
supervise() {
  local name=$1 status=$REBOOT_STATUS start=(--boot systemd.show_status=no)
  # sshd alone, under the small process 1 of systemd-nspawn, as in a container.
  [ "$(option_of "$name" init)" != none ] || start=(--as-pid2 /bin/sh -c 'mkdir -p /run/sshd && exec /usr/sbin/sshd -D')
  join_cgroup $$ "$name"
  while [ "$status" = "$REBOOT_STATUS" ]; do
    forget_machine "$name"
    delete_table "$name" off
    status=0
    SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 SYSTEMD_NSPAWN_LOCK=0 systemd-nspawn --quiet --register=no --keep-unit \
      --machine="$PREFIX-$name" --hostname="$name" --directory="$(root_of "$name")" \
      --network-namespace-path="/run/netns/$(namespace_of "$name")" --capability=CAP_NET_ADMIN \
      --resolv-conf=off --timezone=off --link-journal=no --console=pipe "${start[@]}" &
    remember_process $! "$HOSTS/$name/nspawn"
    wait $! || status=$?
    be_silent "$name"
    echo "testbed: $name ended with $status at $(date +%T)"
  done
}

# A powered-off machine does not answer, but its namespace would answer "connection refused".
be_silent() { [ ! -e "/run/netns/$(namespace_of "$1")" ] || replace_table "$1" off 'iifname != "lo" drop' 2>/dev/null || true; }

# Leftovers of a killed systemd-nspawn that would break the next boot
forget_machine() {
  local directory
  umount -ql "/run/systemd/nspawn/unix-export/$PREFIX-$1" 2>/dev/null || true
  for directory in unix-export propagate locks; do rm -rf "/run/systemd/nspawn/$directory/$PREFIX-$1"; done
}

# sshd answers before logins are allowed, so both are asked, from inside: a fault of the network must not hide a finished boot
has_booted() {
  local leader
  leader=$(leader_of "$1") && [ ! -e "/proc/$leader/root/run/nologin" ] &&
    awk '$2 ~ /:0016$/ && $4 == "0A" { found = 1 } END { exit !found }' "/proc/$leader/net/tcp" 2>/dev/null
}
has_booted_or_died() { ! host_runs "$1" || has_booted "$1"; }
host_is_off() { ! host_runs "$1"; }

# Orderly shutdown; a host that hangs is switched off.
shut_down_host() {
  local nspawn
  thaw_cgroup "$1"
  if nspawn=$(remembered_process "$HOSTS/$1/nspawn"); then
    kill -TERM "$nspawn" || true
    until_true "$STOP_SECONDS" host_is_off "$1" || log "$1 did not shut down within $STOP_SECONDS s: switched off"
  fi
  end_host "$1"
}

# Power loss; also removes leftovers of a killed run.
end_host() {
  kill_cgroup "$1"
  be_silent "$1"
  forget_machine "$1"
  rm -f "$HOSTS/$1/supervisor" "$HOSTS/$1/nspawn"
}

# exec_in_host NAME [--user USER] CMD…
exec_in_host() {
  local name=$1 leader user=root home=/root
  shift
  if [ "${1:-}" = --user ]; then user=$2; home=/home/$2; shift 2; fi
  [ "$user" = root ] && home=/root
  [ $# -gt 0 ] || die "exec needs a command"
  leader=$(leader_of "$name") || die "host $name is not running"
  local environment=()
  mapfile -t environment < <(grep -E '^[A-Za-z_]+=' "$(root_of "$name")/etc/environment" 2>/dev/null)
  environment+=(PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "HOME=$home" "USER=$user" "LOGNAME=$user" TERM=dumb LANG=C.UTF-8)
  if [ "$user" = deploy ]; then
    environment+=("XDG_RUNTIME_DIR=/run/user/$DEPLOY_UID" "DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/$DEPLOY_UID/bus")
    set -- setpriv --reuid "$user" --regid "$user" --init-groups -- "$@"
  fi
  nsenter -t "$leader" -m -u -i -n -p -C -r -w -- /usr/bin/env -i -C "$home" "${environment[@]}" "$@"
}

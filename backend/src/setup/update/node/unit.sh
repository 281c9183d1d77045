# Shared by the scripts beside it, after run-as.sh: the unit of the gateway, and which Node it names. Variables: MANAGER (systemd-user, systemd-system, supervised or none), UNIT
# (empty: none). POSIX shell.

# A login without a session of its own (su, cron, some panels) does not have it set.
XDG_RUNTIME_DIR=/run/user/$(id -u)
export XDG_RUNTIME_DIR

# as_owner COMMAND…: as the account that a unit belongs to.
as_owner() {
  case $MANAGER in systemd-user | supervised) "$@"; return ;; esac
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

control() {
  case $MANAGER in
    systemd-user) systemctl --user "$@" ;;
    supervised) "$HOME/.local/openclaw/bin/openclaw-supervisor" "$@" ;;
    *) as_owner systemctl "$@" ;;
  esac
}

# Whoever may log in may read it. A bus that hangs must not delay the whole check.
unit_property() {
  case $MANAGER in
    systemd-user) limit 5 systemctl --user show "$UNIT" -p "$1" ;;
    supervised) limit 5 "$HOME/.local/openclaw/bin/openclaw-supervisor" show "$UNIT" -p "$1" ;;
    *) limit 5 systemctl show "$UNIT" -p "$1" ;;
  esac 2>/dev/null |
    sed -n "s/^$1=//p" | head -n 1
}

# The program that systemd starts, where that is a Node.
unit_node() {
  unit_property ExecStart | sed -n 's/.*argv\[\]=\([^;]*\) ;.*/\1/p' | tr ' ' '\n' | grep -E '^/.*/node$' | head -n 1
}

# node_version_at FILE: the version that the name of its folder says, of one that Buoy has installed; nothing for any other.
node_version_at() {
  real=$(readlink -f "$1" 2>/dev/null)
  case $real in
    "$(readlink -f "$root")"/node-v*/bin/node)
      real=${real%/bin/node}
      printf '%s\n' "${real##*/node-v}"
      ;;
  esac
}

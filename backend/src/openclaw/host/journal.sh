# The gateway's last log lines. $1 manager, $2 unit, $3 lines, $4 since (seconds since the epoch) or empty.
# The first line says where they come from: from=journal, from=file (OpenClaw's own log, a JSON object a line) or from=none.

# Bytes of log that are sent at most.
MAX_BYTES=262144

# Another account may own /tmp/openclaw (then OpenClaw writes beside it), and what it put there could be a link to a file that only the login reads, a
# pipe, or a log of its own making.
own_logs() {
  find /tmp/openclaw "/tmp/openclaw-$uid" -maxdepth 0 -type d -user "$uid" ! -perm -020 ! -perm -002 2>/dev/null |
    while read -r folder; do
      find "$folder" -maxdepth 1 -name 'openclaw-[0-9-]*.log' -type f -user "$uid" 2>/dev/null
    done
}

# Its lines have no times, but the supervisor marks each start of the gateway.
supervised_log() {
  folder=$HOME/.local/openclaw/supervisor
  [ "$(stat -c %u "$folder" 2>/dev/null)" = "$uid" ] || return 0
  tail -c $MAX_BYTES "$folder/gateway.log" 2>/dev/null |
    awk -v since="${since:-0}" '/^-- started [0-9]+ --$/ { on = $3 + 0 >= since; next } on || since == 0' | tail -n "$lines"
}

main() {
  XDG_RUNTIME_DIR=/run/user/$(id -u)
  export XDG_RUNTIME_DIR
  uid=$(id -u) manager=$1 unit=$2 lines=$3 since=$4
  set -- --no-pager -o cat -n "$lines" ${since:+--since "@$since"}
  out=
  if command -v journalctl >/dev/null 2>&1; then
    case $manager in
      systemd-user)
        out=$(limit 8 journalctl --user -u "$unit" "$@" 2>/dev/null)
        # Without a journal of its own the account cannot read its services' lines, but root can.
        [ -n "$out" ] || out=$(limit 8 sudo -n journalctl "$@" \
          "_SYSTEMD_USER_UNIT=$unit" "_UID=$uid" + "USER_UNIT=$unit" "_UID=$uid" 2>/dev/null)
        ;;
      systemd-system)
        out=$(limit 8 journalctl -u "$unit" "$@" 2>/dev/null)
        [ -n "$out" ] || out=$(limit 8 sudo -n journalctl -u "$unit" "$@" 2>/dev/null)
        ;;
    esac
  fi
  if [ "$manager" = supervised ]; then out=$(supervised_log); fi
  case $out in '-- No entries --') out= ;; esac
  if [ -n "$out" ]; then
    say from journal
    printf '%s\n' "$out" | tail -c $MAX_BYTES
    return
  fi
  newest=
  for file in $(own_logs); do
    if [ -z "$newest" ] || [ "$file" -nt "$newest" ]; then newest=$file; fi
  done
  if [ -z "$newest" ]; then say from none; return; fi
  say from file
  tail -n "$lines" "$newest" | tail -c $MAX_BYTES
}
main "$@" </dev/null

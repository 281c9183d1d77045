# The one script that inspects a host: each exec costs a round trip and perhaps a slow login shell.
# $1 is "service" (the unit and its process only) or "all". Prints key=value lines; keys that end in 64 hold base64.
# The last line is end=1: without it the output was cut. The config file is in the output: it must not be logged.

# OpenClaw itself caps an included config file at 2 MB.
MAX_CONFIG_BYTES=2097152
PROPERTIES=LoadState,ActiveState,SubState,Result,NRestarts,MainPID,ExecMainStatus,Restart,RestartPreventExitStatus,UnitFileState,User,ExecStart,Environment

property() { printf '%s\n' "$facts" | sed -n "s/^$1=//p" | head -n 1; }
ask_systemd() { facts=$(limit 5 systemctl "$@" -p $PROPERTIES 2>/dev/null); }
is_there() { case $(property LoadState) in '' | not-found) return 1 ;; esac; }

# lives PID STARTED: the kernel gives an id to another process later; with the time of its start it is this one.
lives() {
  [ -n "$2" ] && [ "$(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | awk '$1 != "Z" && $1 != "X" { print $20 }')" = "$2" ]
}

# Without systemd, setup makes a supervisor of its own for the account, which keeps its state in systemd's words (service/supervisor.sh).
find_supervised() {
  supervisor=$HOME/.local/openclaw/supervisor
  [ -f "$supervisor/openclaw-gateway.service" ] && [ "$(stat -c %u "$supervisor" 2>/dev/null)" = "$(id -u)" ] || return 0
  manager=supervised unit=openclaw-gateway.service
  facts=$(head -c 4096 "$supervisor/state" 2>/dev/null)
  # A killed supervisor may have left the gateway.
  lives "$(property SupervisorPID)" "$(property SupervisorStarted)" || lives "$(property MainPID)" "$(property MainStarted)" ||
    facts=$(printf '%s\n' "$facts" | sed 's/^ActiveState=\(active\|activating\|deactivating\)$/ActiveState=inactive/; s/^MainPID=.*/MainPID=0/')
}

find_unit() {
  manager=none unit='' facts=''
  [ -d /run/systemd/system ] || { find_supervised; return; }
  ask_systemd --user show openclaw-gateway.service
  if is_there; then
    manager=systemd-user unit=openclaw-gateway.service
    case $(property ActiveState) in inactive) ;; *) return 0 ;; esac
  elif [ -z "$facts" ] && [ -f "$HOME/.config/systemd/user/openclaw-gateway.service" ]; then
    # The user's systemd cannot be reached; the unit is there all the same.
    manager=systemd-user unit=openclaw-gateway.service
  fi
  user_facts=$facts user_file_state=$(property UnitFileState)
  for name in openclaw-gateway.service openclaw.service; do
    ask_systemd show "$name"
    if is_there; then
      # Who changes the manager by hand may leave the disabled unit of the other one.
      case $manager/$(property ActiveState)/$user_file_state/$(property UnitFileState) in
        none/* | */active/*/* | */activating/*/* | */disabled/enabled) manager=systemd-system unit=$name; return 0 ;;
      esac
    fi
  done
  # What systemd says of a unit that is not there ("inactive") is no fact.
  if [ "$manager" = none ]; then facts=''; else facts=$user_facts; fi
}

# is_ours PID: the login itself has begun this process. Who owns its folder in /proc does not tell: root owns that of a set-user-ID program
# and of a process that may not be dumped, whoever began it and chose its name and environment.
is_ours() {
  uids=$(sed -n 's/^Uid:[^0-9]*\([0-9]*\)[^0-9]*\([0-9]*\).*/\1 \2/p' "/proc/$1/status" 2>/dev/null)
  [ "$uids" = "$(id -u) $(id -u)" ] && [ ! -u "/proc/$1/exe" ]
}

find_process() {
  pid=$(property MainPID)
  if [ "$manager" = none ]; then
    # Started by hand, the process puts this name in the place of its command line. Those of other accounts are not ours.
    pid=
    for entry in $(grep -l '^openclaw-gateway' /proc/[0-9]*/cmdline 2>/dev/null); do
      entry=${entry%/cmdline}
      if is_ours "${entry#/proc/}"; then pid=${entry#/proc/}; break; fi
    done
  fi
  if [ "${pid:-0}" = 0 ] || [ ! -d "/proc/$pid" ]; then pid=; fi
  say pid "$pid"
  [ -n "$pid" ] || return 0
  say rssKiB "$(sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$pid/status" 2>/dev/null)"
  # Field 22 is the start in hundredths of a second since boot; the name in field 2 may hold spaces.
  awk 'NR == 1 { now = $1; next } { sub(/.*\) /, ""); printf "uptimeS=%d\n", now - $20 / 100 }' \
    /proc/uptime "/proc/$pid/stat" 2>/dev/null
}

variable() { printf '%s\n' "$environment" | sed -n "s/^$1=//p" | head -n 1; }
at_home() { case $1 in "~/"*) printf '%s\n' "$home/${1#??}" ;; *) printf '%s\n' "$1" ;; esac; }

# choose_reader ACCOUNT: sets as whom read_file reads. The account of a system unit can name any file as its config, and gets the secret in it:
# what it may not read itself, such as the config of another gateway, must not be read for it.
choose_reader() {
  run_as=''
  if [ "$manager" = systemd-system ] && [ -n "$1" ] && [ "$(id -u -- "$1" 2>/dev/null || echo "$1")" != "$(id -u)" ]; then
    run_as=$(getent passwd "$1" 2>/dev/null | cut -d: -f1)
    run_as=${run_as:-$1}
  fi
  account_that_owns=''
  if ! find_switch; then
    switch=''
    account_that_owns=$(id -u -- "$run_as" 2>/dev/null || echo "$run_as")
  fi
}

read_file() {
  if [ -z "$account_that_owns" ]; then
    run_as_account 5 /usr/bin cat "$1"
  elif [ -f "$1" ]; then
    {
      # Of the opened file: of that account, or of root and open to everybody.
      case $(stat -Lc '%u/%a' /proc/self/fd/3) in "$account_that_owns"/* | 0/*[4567]) limit 5 cat <&3 ;; esac
    } 3<"$1"
  fi 2>/dev/null
}

read_config() {
  environment=
  if [ -n "$pid" ]; then environment=$(tr '\0' '\n' 2>/dev/null <"/proc/$pid/environ" | grep '^OPENCLAW_'); fi
  if [ -z "$environment" ]; then
    environment=$(property Environment | tr ' ' '\n' | sed 's/^"//; s/"$//' | grep '^OPENCLAW_')
  fi
  home=$HOME
  owner=$(property User)
  if [ "$manager" = systemd-system ] && [ -n "$owner" ]; then
    home=$(getent passwd "$owner" 2>/dev/null | cut -d: -f6)
    home=${home:-$HOME}
  fi
  base=$(variable OPENCLAW_HOME)
  base=$(at_home "${base:-$home}")
  state=$(variable OPENCLAW_STATE_DIR)
  state=$(at_home "${state:-$base/.openclaw}")
  say statePath "$state"
  config=$(variable OPENCLAW_CONFIG_PATH)
  config=$(at_home "${config:-$state/openclaw.json}")
  choose_reader "$owner"
  size=$(read_file "$config" | wc -c | tr -cd 0-9)
  if [ "${size:-0}" -gt 0 ] || [ -e "$config" ]; then say configPath "$config"; fi
  if [ "${size:-0}" -gt 0 ] && [ "$size" -le $MAX_CONFIG_BYTES ]; then read_file "$config" | say64 config; fi
  read_file "$state/.env" | sed -n 's/^ *\(export \)\{0,1\} *\(OPENCLAW_[A-Z_]*=.*\)/\2/p' | say64 dotEnv
  printf '%s\n' "$environment" | say64 environment
}

# The gateway's own process: the unit's main one may be a shell that started it.
find_node() {
  running=
  for process in $pid $(grep -l '^openclaw-gateway' /proc/[0-9]*/cmdline 2>/dev/null | sed 's,^/proc/\([0-9]*\)/.*,\1,'); do
    [ "$process" = "$pid" ] || is_ours "$process" || continue
    file=$(readlink "/proc/$process/exe" 2>/dev/null)
    case $file in */node) running=$file; return ;; esac
  done
}

inspect_host() {
  # Where the unit and the running process point comes first: what else lies on the disk may be an older installation.
  words=$(property ExecStart | sed -n 's/.*argv\[\]=\([^;]*\) ;.*/\1/p' | tr ' ' '\n')
  entry=$(printf '%s\n' "$words" | grep -E '^/.*/openclaw(/dist/[A-Za-z.]+\.[cm]?js|/openclaw\.mjs)?$' | head -n 1)
  find_node
  [ -n "$running" ] || running=$(printf '%s\n' "$words" | grep -E '^/.*/node$' | head -n 1)
  package=
  case $entry in */node_modules/openclaw/*) package=${entry%/node_modules/openclaw/*}/node_modules/openclaw ;; esac
  find_openclaw "${package:+${package%/lib/node_modules/openclaw}/bin/openclaw}" \
    "${package:+${package%/openclaw}/.bin/openclaw}" "${package:+$package/openclaw.mjs}" "$entry" \
    "${running:+${running%/node}/openclaw}"
  describe_openclaw "${binary:-$entry}" "$running"
  say binary "$binary"
  say version "$version"
  say node "$node"
  read_config
  if [ "$manager" = supervised ]; then
    if crontab -l 2>/dev/null | grep -q '^[[:space:]]*[^#[:space:]].*openclaw-supervisor.* keep'; then say linger yes; fi
  elif [ -e "/var/lib/systemd/linger/$(id -un)" ]; then say linger yes; fi
  df -P -k "$HOME" 2>/dev/null | awk 'END { printf "diskKiB=%s\ndiskFreeKiB=%s\n", $2, $4 }'
  awk '/^MemTotal:/ { print "memoryKiB=" $2 } /^MemAvailable:/ { print "memoryFreeKiB=" $2 }' /proc/meminfo 2>/dev/null
}

main() {
  XDG_RUNTIME_DIR=/run/user/$(id -u)
  DBUS_SESSION_BUS_ADDRESS=unix:path=$XDG_RUNTIME_DIR/bus
  export XDG_RUNTIME_DIR DBUS_SESSION_BUS_ADDRESS
  find_unit
  say manager "$manager"
  say unit "$unit"
  printf '%s\n' "$facts" | grep -v '^Environment=' | sed -n 's/^\([A-Za-z]*=\)/unit.\1/p'
  find_process
  if [ "$1" = all ]; then inspect_host; fi
  say end 1
}
main "$@" </dev/null

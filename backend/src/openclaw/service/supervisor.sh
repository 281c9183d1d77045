#!/bin/sh
# Keeps the gateway of OpenClaw running for this account on a server without systemd. It takes the words of systemctl that Buoy uses:
#   start | stop [--no-block] | restart | kill -s KILL | enable | is-enabled | reset-failed | is-active [--quiet] | show [-p PROPERTY]… | daemon-reload
# and `status` for people. The command stands in openclaw-gateway.service beside its state, which has the properties of systemd. `enable` lets cron start it at boot.
set -u
umask 077
export LC_ALL=C
unit=openclaw-gateway.service
root=$HOME/.local/openclaw
folder=$root/supervisor
state=$folder/state
log=$folder/gateway.log
# Made by a stop, so that a start or restart that is still at work does not undo it.
stay_down=$folder/stay-down

# As in the unit that OpenClaw writes for systemd (2026.9.6).
RESTART_S=5
START_LIMIT=10
START_LIMIT_S=300
STOP_S=330
CONFIG_ERROR=78
# Bytes of the log before it is replaced; the one before it is kept.
MAX_LOG=5242880
LOG_CHECK_S=60

of_unit() { sed -n "s/^$1=//p" "$folder/$unit" 2>/dev/null; }
property() { sed -n "s/^$1=//p" "$state" 2>/dev/null | head -n 1; }
now() { date +%s; }

# The kernel gives an id to another process later; with the time of its start it is this one. One that has ended, and that nobody has waited for, is none.
started_at() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | awk '$1 != "Z" && $1 != "X" { print $20 }'; }

# The lock is held as long as the supervisor lives, whatever the state says. It is shared by those who ask, so that none of them takes another for the supervisor.
supervises() { ! flock -n -s "$folder/lock" true 2>/dev/null; }

# Who asks whether it is held shares it for a moment.
take_lock() {
  exec 9>"$folder/lock"
  until flock -n 9; do
    if supervises; then return 1; fi
    sleep 0.1
  done
}

# The supervisor of the state.
named() { echo "$(property SupervisorPID)-$(property SupervisorStarted)"; }
is_named_alive() { [ -n "$(property SupervisorStarted)" ] && [ "$(started_at "$(property SupervisorPID)")" = "$(property SupervisorStarted)" ]; }

# write_state ACTIVE SUB RESULT
write_state() {
  {
    printf 'LoadState=loaded\nActiveState=%s\nSubState=%s\nResult=%s\n' "$1" "$2" "$3"
    printf 'NRestarts=%s\nMainPID=%s\nMainStarted=%s\nExecMainStatus=%s\n' "$restarts" "$main" "$main_started" "$status"
    printf 'SupervisorPID=%s\nSupervisorStarted=%s\n' "$$" "$(started_at $$)"
    printf 'Restart=always\nRestartPreventExitStatus=%s\nExecStart={ argv[]=%s ; }\n' "$CONFIG_ERROR" "$(of_unit ExecStart)"
  } >"$state.new" && mv -f "$state.new" "$state"
}

# One that a killed supervisor left would hold the port of the next. Until it has ended, it is the gateway of this one, which can be stopped and killed.
end_orphan() {
  orphan=$(property MainPID) orphan_started=$(property MainStarted)
  if [ "${orphan:-0}" != 0 ] && [ "$(started_at "$orphan")" = "$orphan_started" ]; then main_started=$orphan_started main=$orphan; fi
  write_state activating start-pre success
  [ "$main" != 0 ] || return 0
  kill -TERM "$main" 2>/dev/null
  tries=0
  while [ -n "$(started_at "$main")" ] && [ "$tries" -lt "$STOP_S" ]; do
    tries=$((tries + 1))
    sleep 1
  done
  kill -KILL "-$main" 2>/dev/null
  main=0 main_started=0
}

shorten_log() {
  if [ -f "$log" ] && [ "$(wc -c <"$log")" -gt "$MAX_LOG" ]; then cp "$log" "$log.1" && : >"$log"; fi
}

start_main() {
  shorten_log
  echo "-- started $(now) --" >>"$log"
  port=$(of_unit ExecStart | sed -n 's/.* --port[ =]\([0-9]*\).*/\1/p')
  of_unit Environment >"$folder/environment"
  # A group of its own, so that what it started can be ended with it.
  (
    exec 9>&-
    umask 022
    while IFS= read -r variable; do export "${variable?}"; done <"$folder/environment"
    exec setsid "$root/bin/node" "$root/lib/node_modules/openclaw/dist/index.js" gateway --port "$port"
  ) </dev/null >>"$log" 2>&1 &
  begun=$!
  # A signal is lost on what is still a copy of this shell, so nobody is told before.
  while cmp -s "/proc/$begun/cmdline" "/proc/$$/cmdline"; do sleep 0.02 9>&-; done
  main_started=$(started_at "$begun") main=$begun
}

# Waits for the gateway to end, also past signals to this process.
wait_for_main() {
  while :; do
    wait "$main"
    status=$?
    kill -0 "$main" 2>/dev/null || return 0
  done
}

stop_main() {
  stopping=yes
  # Told again, it would get a second killer, which outlives it.
  [ "$main" != 0 ] && [ -z "$told" ] || return 0
  told=yes
  kill -TERM "$main" 2>/dev/null
  # Not waited for: the main loop sees the end.
  (
    exec 9>&-
    sleep "$STOP_S"
    kill -KILL "-$main" 2>/dev/null
  ) &
  killer=$!
}

supervise() {
  take_lock || exit 0
  restarts=0 main=0 main_started=0 status=0 stopping='' told='' killer='' recent=''
  trap stop_main TERM INT HUP
  (
    exec 9>&-
    while sleep "$LOG_CHECK_S"; do
      kill -0 "$$" 2>/dev/null || exit 0
      shorten_log
    done
  ) &
  log_keeper=$!
  end_orphan
  if [ -n "$stopping" ] || [ -f "$stay_down" ]; then finish inactive dead success; fi
  while :; do
    start_main
    write_state active running success
    # The signal may have come while there was no gateway to tell.
    [ -z "$stopping" ] || stop_main
    wait_for_main
    # What it started, and did not end.
    kill -KILL "-$main" 2>/dev/null
    main=0 main_started=0
    if [ -n "$stopping" ]; then finish inactive dead success; fi
    result=exit-code
    if [ "$status" -gt 128 ]; then result=signal; fi
    if [ "$status" = "$CONFIG_ERROR" ]; then finish failed failed "$result"; fi
    since=$(($(now) - START_LIMIT_S)) kept='' count=0
    for moment in $recent $(now); do
      if [ "$moment" -gt "$since" ]; then kept="$kept $moment" count=$((count + 1)); fi
    done
    recent=$kept
    if [ "$count" -ge "$START_LIMIT" ]; then finish failed failed start-limit-hit; fi
    write_state activating auto-restart "$result"
    sleep "$RESTART_S" 9>&- &
    wait $!
    if [ -n "$stopping" ]; then finish inactive dead success; fi
    restarts=$((restarts + 1))
  done
}

# finish ACTIVE SUB RESULT: the state that stays.
finish() {
  kill -KILL ${killer:-} "$log_keeper" 2>/dev/null
  if [ -n "$stopping" ] && [ "$status" = 137 ]; then set -- "$1" "$2" timeout; fi
  write_state "$@"
  exit 0
}

start() {
  if supervises; then return 0; fi
  [ -f "$folder/$unit" ] || { echo "There is no $folder/$unit." >&2; return 5; }
  before=$(named)
  setsid "$0" supervise </dev/null >/dev/null 2>&1 &
  tries=0
  # Until it has started the gateway, which may have ended by then. One that has to be ended first may take its time.
  until [ "$(named)" != "$before" ] && [ "$(property SubState)" != start-pre ]; do
    if [ "$(property SubState)" != start-pre ] || ! supervises; then tries=$((tries + 1)); fi
    [ "$tries" -le 100 ] || { echo 'The supervisor did not start.' >&2; return 1; }
    sleep 0.1
  done
}

stop() {
  tries=0
  # One that has just begun is not in the state yet: there, an id may be that of another process by now.
  while supervises && ! is_named_alive; do
    tries=$((tries + 1))
    [ "$tries" -le 100 ] || { echo 'The supervisor is not the one of its state.' >&2; return 1; }
    sleep 0.1
  done
  if ! supervises; then return 0; fi
  supervisor=$(named)
  # One that has ended by itself since is gone in a moment.
  kill -TERM "${supervisor%-*}" 2>/dev/null
  [ "${1:-}" != --no-block ] || return 0
  tries=0
  # Somebody else may have started another one by then.
  while supervises && [ "$(named)" = "$supervisor" ]; do
    tries=$((tries + 1))
    [ "$tries" -le $((STOP_S + 10)) ] || { echo 'The gateway does not stop.' >&2; return 1; }
    sleep 1
  done
}

# What a cancelled task kills are the processes of a group: from another one, the gateway is started again in any case.
restart() {
  setsid "$0" restart-here </dev/null &
  wait $!
}

restart_here() {
  rm -f "$stay_down"
  stop || return 1
  [ -f "$stay_down" ] || start
}

kill_main() {
  main=$(property MainPID)
  [ "${main:-0}" != 0 ] && [ "$(started_at "$main")" = "$(property MainStarted)" ] || return 0
  kill -KILL "-$main"
}

# A state that its supervisor cannot have changed any more, as after a reboot.
shown_state() {
  if supervises; then cat "$state"; else
    sed 's/^ActiveState=\(active\|activating\)$/ActiveState=inactive/; s/^MainPID=.*/MainPID=0/' "$state" 2>/dev/null || echo LoadState=loaded
  fi
}

show() {
  wanted=''
  while [ $# -gt 0 ]; do
    case $1 in
      -p) wanted="$wanted,$2"; shift 2 ;;
      *) shift ;;
    esac
  done
  if [ ! -f "$folder/$unit" ]; then echo LoadState=not-found; return; fi
  if [ -z "$wanted" ]; then shown_state; else shown_state | grep -E "^($(printf %s "${wanted#,}" | tr , '|'))="; fi
}

cron_runs() { command -v crontab >/dev/null 2>&1 && grep -qsxE 'cron|crond|fcron' /proc/[0-9]*/comm; }

# As systemctl says it; `indirect` where there is no cron that could start it.
is_enabled() {
  if crontab -l 2>/dev/null | grep -q '^[[:space:]]*[^#[:space:]].*openclaw-supervisor.*start'; then echo enabled; return; fi
  if cron_runs; then echo disabled; else echo indirect; fi
  return 1
}

enable() {
  case $(is_enabled) in
    enabled) ;;
    indirect) echo "No cron runs here, so nothing starts the gateway after a reboot: let the server run $root/bin/openclaw-supervisor start as $(id -un)." ;;
    *) add_to_crontab ;;
  esac
}

# The lines that are there are written again, so it must be known which they are. An account without a crontab is told by words (cron, busybox) alone.
add_to_crontab() {
  lines=$(crontab -l 2>"$folder/crontab-error") || case $lines$(cat "$folder/crontab-error") in
    *'no crontab'* | *"can't open '$(id -un)': No such file"*) lines='' ;;
    *)
      echo "The crontab was left as it is: $(head -n 1 "$folder/crontab-error")" >&2
      return 1
      ;;
  esac
  # shellcheck disable=SC2016 # cron expands it
  { [ -z "$lines" ] || printf '%s\n' "$lines"; echo '@reboot "$HOME/.local/openclaw/bin/openclaw-supervisor" start # OpenClaw'; } | crontab -
}

main() {
  order=${1:-status}
  [ $# = 0 ] || shift
  mkdir -p "$folder"
  case $order in
    supervise) supervise ;;
    start) rm -f "$stay_down"; start ;;
    stop) touch "$stay_down"; stop "$@" ;;
    restart) restart ;;
    restart-here) restart_here ;;
    enable) enable ;;
    is-enabled) is_enabled ;;
    kill) kill_main ;;
    reset-failed) if ! supervises && [ -f "$state" ]; then sed -i 's/^ActiveState=failed$/ActiveState=inactive/; s/^Result=.*/Result=success/' "$state"; fi ;;
    is-active) [ "$(show -p ActiveState)" = ActiveState=active ] ;;
    show) show "$@" ;;
    daemon-reload) ;;
    status) show; tail -n 20 "$log" 2>/dev/null ;;
    *) sed -n '2,4s/^# *//p' "$0" >&2; return 2 ;;
  esac
}
main "$@"

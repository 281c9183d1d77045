#!/bin/sh
# Keeps the gateway of OpenClaw running for this account on a server without systemd. It takes the words of systemctl that Buoy uses:
#   start | stop [--no-block] | restart | kill -s KILL | enable | is-enabled | reset-failed | is-active [--quiet] | show [-p PROPERTY]… | daemon-reload
# and `status` for people. The command stands in openclaw-gateway.service beside its state, which has the properties of systemd. `enable` lets cron run `keep`.
set -u
umask 077
export LC_ALL=C
unit=openclaw-gateway.service
root=$HOME/.local/openclaw
folder=$root/supervisor
state=$folder/state
log=$folder/gateway.log
# A stop writes "down" into its first line, so that neither cron nor a start or restart that is still at work undoes it; those write "up". The shell itself does
# both, at once: until another program had begun for it, a later order could overtake it. Like the state, it is written in place, as a full disk has no room for another one.
stay_down=$folder/stay-down
# Begins the names of the marks by which a start knows the supervisor that has been told to end, even before it has taken the signal.
leaving=$folder/leaving

# As in the unit that OpenClaw writes for systemd (2026.9.6).
RESTART_S=5
START_LIMIT=10
START_LIMIT_S=300
STOP_S=330
CONFIG_ERROR=78
# Seconds for a supervisor to name the gateway that it starts in the state.
NAMING_S=30
# Bytes of the log before it is emptied; as many are kept of it.
MAX_LOG=5242880
LOG_CHECK_S=60

of_unit() { sed -n "s/^$1=//p" "$folder/$unit" 2>/dev/null; }
property() { sed -n "s/^$1=//p" "$state" 2>/dev/null | head -n 1; }
now() { date +%s; }

# Both succeed as well where the word could not be written, but nothing has to change.
order_down() { { echo down 1<>"$stay_down"; } 2>/dev/null || stays_down; }
order_up() {
  { echo up 1<>"$stay_down"; } 2>/dev/null || ! stays_down || { echo "$stay_down could not be written." >&2; return 1; }
}
stays_down() { read -r word <"$stay_down" && [ "$word" = down ]; } 2>/dev/null

# The kernel gives an id to another process later; with the time of its start it is this one. One that has ended, and that nobody has waited for, is none.
started_at() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | awk '$1 != "Z" && $1 != "X" { print $20 }'; }

# lives PID STARTED
lives() { [ -n "$2" ] && [ "$(started_at "$1")" = "$2" ]; }

# The start of a container begins another life too: it has a process 1 of its own on the same kernel.
life() { echo "$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)-$(started_at 1)"; }

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
is_named_alive() { lives "$(property SupervisorPID)" "$(property SupervisorStarted)"; }
is_leaving() { [ "$(property ActiveState)" = deactivating ] || ls "$leaving.$(named)".* >/dev/null 2>&1; }

# The gateway of the state, also one that a killed supervisor left.
is_main_alive() { lives "$(property MainPID)" "$(property MainStarted)"; }

# put_state TEXT: in one go, at one size, so that what is there is replaced where it is.
put_state() {
  printf '%-4096s' "$1
" 1<>"$state"
}

# write_state ACTIVE SUB RESULT. A signal in the middle writes it as well.
write_state() {
  text=$(
    printf 'LoadState=loaded\nActiveState=%s\nSubState=%s\nResult=%s\n' "$1" "$2" "$3"
    printf 'NRestarts=%s\nMainPID=%s\nMainStarted=%s\nExecMainStatus=%s\n' "$restarts" "$main" "$main_started" "$status"
    printf 'SupervisorPID=%s\nSupervisorStarted=%s\nLife=%s\n' "$$" "$(started_at $$)" "$(life)"
    printf 'Restart=always\nRestartPreventExitStatus=%s\nExecStart={ argv[]=%s ; }\n' "$CONFIG_ERROR" "$(of_unit ExecStart)"
  )
  put_state "$text"
}

# One that a killed supervisor left would hold the port of the next. Until it has ended, it is the gateway of this one, which can be stopped and killed.
end_orphan() {
  [ "$main" != 0 ] || return 0
  told=yes
  kill -TERM "$main" 2>/dev/null
  # The state says it when it is ended for a stop.
  [ -z "$stopping" ] || stop_main
  tries=0
  while lives "$main" "$main_started"; do
    if [ "$tries" -ge "$STOP_S" ]; then status=137; break; fi
    tries=$((tries + 1))
    sleep 1 9>&-
  done
  kill -KILL "-$main" 2>/dev/null
  main=0 main_started=0 told=''
}

# On a full disk, the older one makes the room for the end of this one, which is emptied also where that is not enough.
shorten_log() {
  if [ -f "$log" ] && [ "$(wc -c <"$log")" -gt "$MAX_LOG" ]; then
    rm -f "$log.1"
    tail -c "$MAX_LOG" "$log" >"$log.1"
    true >"$log"
  fi
}

start_main() {
  shorten_log
  echo "-- started $(now) --" >>"$log"
  # A group of its own, so that what it started can be ended with it.
  setsid "$0" gateway "$$" "$(started_at $$)" </dev/null >>"$log" 2>&1 9>&- &
  begun=$!
  # A signal is lost on what is still a copy of this shell, so nobody is told before.
  while cmp -s "/proc/$begun/cmdline" "/proc/$$/cmdline"; do sleep 0.02 9>&-; done
  main_started=$(started_at "$begun") main=$begun
}

# become_main SUPERVISOR STARTED: not before the state names this process, else a supervisor that is killed until then would leave a gateway that nobody knows.
# One that cannot write its state starts another one later.
become_main() {
  me=$$-$(started_at $$) tries=0
  until [ "$(property MainPID)-$(property MainStarted)" = "$me" ]; do
    if [ "$tries" -ge $((NAMING_S * 10)) ] || ! lives "$1" "$2"; then exit 1; fi
    tries=$((tries + 1))
    sleep 0.1
  done
  port=$(of_unit ExecStart | sed -n 's/.* --port[ =]\([0-9]*\).*/\1/p')
  umask 022
  while IFS= read -r line; do
    case $line in Environment=*) export "${line#Environment=}" ;; esac
  done <"$folder/$unit"
  exec "$root/bin/node" "$root/lib/node_modules/openclaw/dist/index.js" gateway --port "$port"
}

# Waits for the gateway to end, also past signals to this process.
wait_for_main() {
  while :; do
    wait "$main"
    status=$?
    lives "$main" "$main_started" || break
  done
  # Where it ended while a signal was handled, that is the status of the signal, and its own is still to be had.
  wait "$main" 2>/dev/null
  own=$?
  [ "$own" = 127 ] || status=$own
}

stop_main() {
  stopping=yes
  [ "$main" != 0 ] || return 0
  # Told again, it would get a second killer, which outlives it.
  if [ -z "$told" ]; then
    told=yes
    kill -TERM "$main" 2>/dev/null
    # Not waited for: the main loop sees the end.
    (
      exec 9>&-
      sleep "$STOP_S"
      # Where the supervisor was killed, the id may be that of others by now.
      lives "$main" "$main_started" && kill -KILL "-$main" 2>/dev/null
    ) &
    killer=$!
  fi
  write_state deactivating stop-sigterm success
}

# supervise [down]: with the word, it only ends the gateway that a killed supervisor left.
supervise() {
  take_lock || exit 0
  restarts=0 main=0 main_started=0 status=0 stopping=${1:-} told='' killer='' recent=''
  if is_main_alive; then main_started=$(property MainStarted) main=$(property MainPID); fi
  rm -f "$leaving".*
  trap stop_main TERM INT HUP
  # Nobody could stop one that no state names, and none would begin beside it.
  write_state activating start-pre success || [ -n "$stopping" ] || exit 1
  (
    exec 9>&-
    while sleep "$LOG_CHECK_S"; do
      kill -0 "$$" 2>/dev/null || exit 0
      shorten_log
    done
  ) &
  log_keeper=$!
  end_orphan
  if [ -n "$stopping" ] || stays_down; then finish inactive dead success; fi
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

# Returns once the gateway has been started. It may have ended by then, by itself or for a later stop.
start() {
  tries=0 begun='' ended=''
  while :; do
    if supervises; then
      if is_named_alive; then
        tries=0
        if is_leaving; then
          # A stop that was cancelled may have left the mark alone.
          [ "$ended" = "$(named)" ] || { ended=$(named); kill -TERM "${ended%-*}" 2>/dev/null; }
        else
          case $(property SubState) in running | auto-restart) return 0 ;; esac
        fi
      fi
    elif [ -n "$begun" ] && [ "$(property SupervisorPID)" = "$begun" ]; then
      return 0
    elif [ -z "$begun" ] || [ -z "$(started_at "$begun")" ]; then
      ! stays_down || return 0
      [ -f "$folder/$unit" ] || { echo "There is no $folder/$unit." >&2; return 5; }
      setsid "$0" supervise </dev/null >/dev/null 2>&1 &
      begun=$!
    fi
    tries=$((tries + 1))
    [ "$tries" -le 100 ] || { echo 'The supervisor did not start, or could not write its state.' >&2; return 1; }
    sleep 0.1
  done
}

# What cron runs every minute: so it begins only where there is something to do, and what it begins looks once more under the lock.
keep() {
  if supervises || stays_down || [ ! -f "$folder/$unit" ]; then return 0; fi
  # One that has given up is not begun again before a reboot.
  if [ "$(property ActiveState)" = failed ] && [ "$(property Life)" = "$(life)" ]; then return 0; fi
  setsid "$0" supervise </dev/null >/dev/null 2>&1 &
}

# Also where nothing can be written: then cron, or a start that is still at work, may undo it.
stop_for_good() {
  unwritten=''
  order_down || unwritten=yes
  stop "$@" || return 1
  [ -z "$unwritten" ] || { echo "The gateway was told to stop, but may be started again: $stay_down could not be written." >&2; return 1; }
}

stop() {
  tries=0 begun=''
  # One that has just begun is not in the state yet: there, an id may be that of another process by now.
  until supervises && is_named_alive; do
    if ! supervises; then
      is_main_alive || return 0
      if [ -z "$begun" ] || [ -z "$(started_at "$begun")" ]; then
        setsid "$0" supervise down </dev/null >/dev/null 2>&1 &
        begun=$!
      fi
    fi
    tries=$((tries + 1))
    [ "$tries" -le 100 ] || { echo 'The supervisor is not the one of its state.' >&2; return 1; }
    sleep 0.1
  done
  supervisor=$(named)
  true >"$leaving.$supervisor.$$"
  # A start that did not see the mark any more in time has undone this order.
  if [ "$order" = stop ] && [ -z "$unwritten" ] && ! stays_down; then rm -f "$leaving.$supervisor.$$"; return 0; fi
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
  # The supervisor may have been killed meanwhile.
  supervises || ! is_main_alive || stop
}

# What a cancelled task kills are the processes of a group: from another one, the gateway is started again in any case.
restart() {
  setsid "$0" restart-here </dev/null &
  wait $!
}

restart_here() {
  order_up || return 1
  stop || return 1
  stays_down || start
}

kill_main() {
  main=$(property MainPID)
  lives "$main" "$(property MainStarted)" || return 0
  kill -KILL "-$main"
}

shown_state() {
  if is_named_alive || is_main_alive; then grep = "$state"; return; fi
  # A supervisor that has just begun is not in the state yet; else it is one that nobody can have changed any more, as after a reboot.
  if supervises; then shown='s/^ActiveState=.*/ActiveState=activating/'; else shown='s/^ActiveState=\(active\|activating\|deactivating\)$/ActiveState=inactive/'; fi
  sed "/=/!d; $shown; s/^MainPID=.*/MainPID=0/" "$state" 2>/dev/null || echo LoadState=loaded
}

# Under the lock, so that what a supervisor that begins has written is not replaced by what was there before.
reset_failed() {
  [ -f "$state" ] || return 0
  exec 8<>"$folder/lock"
  flock -n -s 8 || return 0
  put_state "$(sed '/=/!d; s/^ActiveState=failed$/ActiveState=inactive/; s/^Result=.*/Result=success/' "$state")"
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

# shellcheck disable=SC2016 # cron expands it; silent also where OpenClaw was removed, since cron sends a mail of what is said
cron_line='* * * * * "$HOME/.local/openclaw/bin/openclaw-supervisor" keep >/dev/null 2>&1 # OpenClaw'
# What Buoy wrote before: @reboot is for the machine alone, and does not come with the start of a container.
# shellcheck disable=SC2016
older_cron_line='@reboot "$HOME/.local/openclaw/bin/openclaw-supervisor" start # OpenClaw'

# As systemctl says it; `indirect` where there is no cron that could start it.
is_enabled() {
  if crontab -l 2>/dev/null | grep -q '^[[:space:]]*[^#[:space:]].*openclaw-supervisor.* keep'; then echo enabled; return; fi
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
  { [ -z "$lines" ] || printf '%s\n' "$lines" | grep -vxF "$older_cron_line"; printf '%s\n' "$cron_line"; } | crontab -
}

main() {
  order=${1:-status}
  [ $# = 0 ] || shift
  [ -d "$folder" ] || mkdir -p "$folder"
  case $order in
    supervise) supervise "$@" ;;
    gateway) become_main "$@" ;;
    start) order_up && start ;;
    stop) stop_for_good "$@" ;;
    restart) restart ;;
    restart-here) restart_here ;;
    keep) keep ;;
    enable) enable ;;
    is-enabled) is_enabled ;;
    kill) kill_main ;;
    reset-failed) reset_failed ;;
    is-active) [ "$(show -p ActiveState)" = ActiveState=active ] ;;
    show) show "$@" ;;
    daemon-reload) ;;
    status) show; tail -n 20 "$log" 2>/dev/null ;;
    *) sed -n '2,4s/^# *//p' "$0" >&2; return 2 ;;
  esac
}
main "$@"

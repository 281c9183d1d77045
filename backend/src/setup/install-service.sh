# Makes the gateway a service that outlives the login and starts at boot. Variables: MANAGER (auto, systemd-user, systemd-system, supervised),
# GATEWAY_PORT (empty: that of the config), SUPERVISOR (the text of the supervisor); secret: SUDO_PASSWORD, or empty. Behind linger.sh and kept.sh.
# Exit codes: installer.sh and linger.sh, and 40 no service manager, 42 the service could not be installed, 43 a supervisor beside systemd, 44 the old
# service was put back because the new one does not run, 45 it could not be put back.

gateway=openclaw-gateway.service
# Seconds that a new service has to run before the old one is given up: a gateway that cannot start ends within a few.
SETTLE_SECONDS=10
# Seconds for a new service that is given up to stop by itself: a task that is cancelled gives its commands ten in all.
GIVE_UP_SECONDS=3
# The services that a change replaces, each on a line, until it has ended: the server may be switched off in the middle.
replaced=$root/services-replaced
is_placed='' backup=''

user_manager_answers() { systemctl --user show -p Version >/dev/null 2>&1; }

# control SCOPE WORDS…: SCOPE is user or system.
control() {
  scope=$1
  shift
  if [ "$scope" = user ]; then systemctl --user "$@"; else as_root systemctl "$@"; fi
}

# fact SCOPE UNIT PROPERTY: a word, or nothing; the account's own manager could say anything.
fact() { systemctl "--$1" show "$2" -p "$3" 2>/dev/null | sed -n "s/^$3=\([A-Za-z0-9_.-]*\)\$/\1/p"; }

# is_used SCOPE UNIT: it runs or starts at boot.
is_used() {
  case $(fact "$1" "$2" ActiveState) in '' | inactive | failed) ;; *) return 0 ;; esac
  case $(fact "$1" "$2" UnitFileState) in enabled*) ;; *) return 1 ;; esac
}

# is_own SCOPE UNIT: it is a service of this account.
is_own() {
  [ "$1" = system ] || return 0
  owner=$(fact system "$2" User)
  case ${owner:-root} in "$account" | "$(id -u)") ;; *) return 1 ;; esac
}

# find_others SCOPE: sets others to the services of the gateway that a new one of SCOPE replaces, each as SCOPE/UNIT/UnitFileState/ActiveState: two would
# have one port and one folder. The names are those that the inspection of a host knows.
find_others() {
  others=
  for service in "user/$gateway" "system/$gateway" system/openclaw.service; do
    [ "$service" != "$1/$gateway" ] || continue
    known=$(grep -x "$service/[a-z-]*/[a-z-]*" "$replaced" 2>/dev/null | head -n 1)
    if [ -n "$known" ]; then others="$others $known"; continue; fi
    if ! is_used "${service%/*}" "${service#*/}" || ! is_own "${service%/*}" "${service#*/}"; then continue; fi
    others="$others $service/$(fact "${service%/*}" "${service#*/}" UnitFileState)/$(fact "${service%/*}" "${service#*/}" ActiveState)"
  done
  if [ "$1" = system ] && [ -L "$HOME/.config/systemd/user/default.target.wants/$gateway" ] && ! user_manager_answers; then
    stop 42 "The user manager of systemd does not answer for $account, so the user service could not be disabled: systemctl --user disable --now $gateway"
  fi
  case $others in
    *\ system/*) as_root true || stop 41 'The system service of the gateway can be replaced by root only: sudo was refused.' ;;
  esac
}

# read_other SCOPE/UNIT/UnitFileState/ActiveState
read_other() {
  IFS=/ read -r other_scope other_unit other_file_state other_state <<OTHER
$1
OTHER
}

# unit_folder SCOPE: for the units of an administrator or of the account.
unit_folder() { case $1 in user) echo "$HOME/.config/systemd/user" ;; *) echo /etc/systemd/system ;; esac; }

# as_owner SCOPE COMMAND…: of the units of that scope.
as_owner() {
  if [ "$1" = user ]; then shift && "$@"; else shift && as_root "$@"; fi
}

# move_unit SCOPE FROM TO: systemd no longer sees what is not called .service.
move_unit() { as_owner "$1" mv -f "$2" "$3" && control "$1" daemon-reload; }

# place_unit SCOPE MODE: $work/unit becomes the unit of the gateway. What another one was is kept beside it.
place_unit() {
  folder=$(unit_folder "$1")
  file=$folder/$gateway
  if as_owner "$1" cmp -s "$work/unit" "$file"; then return; fi
  if [ -f "$file" ]; then
    number=0
    free=$file.bak
    while as_owner "$1" test -e "$free"; do
      number=$((number + 1))
      free=$file.bak.$number
    done
    as_owner "$1" mv -f "$file" "$free" && backup=$free || return 1
    echo "The unit that was there is kept as $backup: what a person has added to it, such as keys, goes into a drop-in."
  fi
  as_owner "$1" mkdir -p "$folder" && is_placed=yes && as_owner "$1" install -m "$2" "$work/unit" "$file" || { take_back_unit "$1"; return 1; }
}

# take_back_unit SCOPE: what place_unit has done. A unit that it did not place is a person's.
take_back_unit() {
  file=$(unit_folder "$1")/$gateway
  if [ -n "$is_placed" ]; then as_owner "$1" rm -f "$file"; fi
  if [ -n "$backup" ]; then as_owner "$1" mv -f "$backup" "$file"; fi
  control "$1" daemon-reload
}

# Begins what put_back undoes, also where the task is cancelled.
stop_others() {
  new_scope=$1
  find_others "$1"
  [ -n "$others" ] || return 0
  # shellcheck disable=SC2086
  { printf '%s\n' $others >"$replaced" && sync; } || { stop_if_full; stop 42 "$replaced could not be written."; }
  trap 'give_up "The change was stopped."' TERM INT HUP
  for other in $others; do
    read_other "$other"
    if is_used "$other_scope" "$other_unit"; then
      echo "Stopping and disabling the $other_scope service $other_unit, which the new one replaces …"
      control "$other_scope" disable --now "$other_unit" || give_up "systemd could not stop the $other_scope service $other_unit."
      control "$other_scope" reset-failed "$other_unit" 2>/dev/null
    fi
    # As long as it is there, OpenClaw takes it for its service (2026.9.6).
    file=$(unit_folder "$other_scope")/$other_unit
    [ ! -f "$file" ] || move_unit "$other_scope" "$file" "$file.replaced" || give_up "$file could not be renamed."
  done
}

# Fails where one of the old services does not come back; missing is then the command for it.
put_back() {
  missing=
  for other in $others; do
    read_other "$other"
    case $other_file_state/$other_state in
      enabled*/inactive | enabled*/failed) words=enable ;;
      enabled*) words='enable --now' ;;
      *) words=start ;;
    esac
    file=$(unit_folder "$other_scope")/$other_unit
    if [ ! -e "$file" ] && [ -f "$file.replaced" ] && ! move_unit "$other_scope" "$file.replaced" "$file"; then missing="mv $file.replaced $file"; continue; fi
    # shellcheck disable=SC2086
    control "$other_scope" $words "$other_unit" || missing="systemctl --$other_scope $words $other_unit"
  done
  [ -z "$missing" ] && rm -f "$replaced"
}

# give_up SENTENCE: the new service does not run. Where it was to replace another one, that one is put back.
give_up() {
  [ -n "$others" ] || stop 42 "$1"
  trap '' TERM INT HUP
  echo "$1" >&2
  echo 'Putting the old service back …'
  control "$new_scope" disable "$gateway"
  control "$new_scope" stop --no-block "$gateway"
  seconds=0
  until [ "$seconds" -ge $GIVE_UP_SECONDS ] || ! is_used "$new_scope" "$gateway"; do
    sleep 1
    seconds=$((seconds + 1))
  done
  control "$new_scope" kill -s KILL "$gateway" 2>/dev/null
  control "$new_scope" stop "$gateway"
  control "$new_scope" reset-failed "$gateway" 2>/dev/null
  # OpenClaw would take it for its service.
  take_back_unit "$new_scope"
  put_back || stop 45 "The old service could not be started again: $missing"
  stop 44 'The old service was put back.'
}

# settles SCOPE: systemd takes a gateway for active that ends at once, and starts it again and again.
settles() {
  restarts=$(fact "$1" "$gateway" NRestarts)
  seconds=0
  until [ "$seconds" -ge $SETTLE_SECONDS ]; do
    sleep 1
    seconds=$((seconds + 1))
    [ "$(fact "$1" "$gateway" ActiveState)/$(fact "$1" "$gateway" NRestarts)" = "active/$restarts" ] || return 1
  done
}

# The command lines of its processes may have keys of a person in them, so systemd's own report of them is left out.
tell_failure() {
  control "$new_scope" show "$gateway" -p ActiveState -p SubState -p Result -p ExecMainStatus -p NRestarts >&2
  if [ "$new_scope" = user ]; then journalctl --user --unit "$gateway" --no-pager --lines 20 --output cat >&2
  else as_root journalctl --unit "$gateway" --no-pager --lines 20 --output cat >&2; fi
}

# After stop_others, and once the unit is there.
start_service() {
  control "$new_scope" reset-failed "$gateway" 2>/dev/null
  control "$new_scope" enable --now "$gateway" || give_up 'systemd could not start the service.'
  [ -n "$others" ] || return 0
  settles "$new_scope" || {
    tell_failure
    give_up 'The new service does not stay active.'
  }
  trap - TERM INT HUP
  rm -f "$replaced"
}

# heap_mib: the limit of Node's heap in MiB that OpenClaw gives its service (2026.9.6): half of the memory, at least 2 GiB, at most 8 GiB or a quarter
# of it, and never more than three quarters.
heap_mib() {
  memory=$(awk '/^MemTotal:/ { print int($2 / 1024) }' /proc/meminfo)
  limit=$(cat /sys/fs/cgroup/memory.max 2>/dev/null)
  case $limit in '' | *[!0-9]*) limit= ;; *) limit=$((limit / 1048576)) ;; esac
  if [ -n "$limit" ] && [ "$limit" -lt "$memory" ]; then memory=$limit; fi
  cap=$((memory / 4))
  if [ $cap -lt 8192 ]; then cap=8192; fi
  heap=$((memory / 2))
  if [ $heap -lt 2048 ]; then heap=2048; fi
  if [ $heap -gt $cap ]; then heap=$cap; fi
  if [ $heap -gt $((memory * 3 / 4)) ]; then heap=$((memory * 3 / 4)); fi
  echo $heap
}

# unit_word TEXT: as systemd reads it, quoted where it would split it.
unit_word() {
  escaped=$(printf '%s\n' "$1" | sed 's/%/%%/g')
  case $escaped in
    *[[:space:]\"\\]*) printf '"%s"' "$(printf '%s\n' "$escaped" | sed 's/[\\"]/\\&/g')" ;;
    *) printf '%s' "$escaped" ;;
  esac
}

# unit_environment NAME VALUE: nothing for a value that no line can hold.
unit_environment() {
  case $2 in *[[:cntrl:]]*) return ;; esac
  echo "Environment=$(unit_word "$1=$2")"
}

# write_unit LINES TARGET: OpenClaw's own unit (2026.9.6) with these lines more, as $work/unit. To let OpenClaw write it takes a quarter of a minute.
write_unit() {
  {
    cat <<UNIT
[Unit]
Description=OpenClaw Gateway
After=network-online.target
Wants=network-online.target
StartLimitBurst=10
StartLimitIntervalSec=300

[Service]
UNIT
    printf '%s' "$1"
    echo "ExecStart=$(unit_word "$(readlink -f "$root/bin/node")") --max-old-space-size=$(heap_mib) $(unit_word "$root/lib/node_modules/openclaw/dist/index.js") gateway --port $GATEWAY_PORT"
    cat <<UNIT
Restart=always
RestartSec=5
RestartPreventExitStatus=78
TimeoutStopSec=330
TimeoutStartSec=30
SuccessExitStatus=0 143
OOMPolicy=continue
KillMode=mixed
UNIT
    unit_environment HOME "$HOME"
    # Of the system, it may not be there after a boot.
    if [ "$2" = default.target ]; then unit_environment TMPDIR "${TMPDIR:-/tmp}"; fi
    # What the login needs to reach the internet, the gateway needs as well.
    if [ -n "${NODE_EXTRA_CA_CERTS:-}" ]; then unit_environment NODE_EXTRA_CA_CERTS "$NODE_EXTRA_CA_CERTS"; fi
    if [ -n "${NODE_USE_SYSTEM_CA:-}" ]; then unit_environment NODE_USE_SYSTEM_CA "$NODE_USE_SYSTEM_CA"; fi
    # It may hold a password, and systemd shows the environment of a system unit to every account.
    if [ -n "${OPENCLAW_PROXY_URL:-}" ] && [ "$2" = default.target ]; then unit_environment OPENCLAW_PROXY_URL "$OPENCLAW_PROXY_URL"; fi
    unit_environment PATH "$root/bin:/usr/local/bin:/usr/bin:/bin:$HOME/.local/bin:$HOME/.npm-global/bin:$HOME/bin:$HOME/.nix-profile/bin"
    # Its compiled code is not read from below /tmp, where another account may have put it.
    unit_environment NODE_COMPILE_CACHE "$compile_cache"
    cat <<UNIT
Environment=NODE_OPTIONS=
Environment=OPENCLAW_GATEWAY_PORT=$GATEWAY_PORT
Environment=OPENCLAW_SYSTEMD_UNIT=$gateway
Environment="OPENCLAW_WINDOWS_TASK_NAME=OpenClaw Gateway"
Environment=OPENCLAW_WINDOWS_TASK_HIDDEN_LAUNCHER=1
Environment=OPENCLAW_SERVICE_MARKER=openclaw
Environment=OPENCLAW_SERVICE_KIND=gateway

[Install]
WantedBy=$2
UNIT
  } >"$work/unit"
  tail -n 1 "$work/unit" | grep -q '^WantedBy=' || { stop_if_full; stop 42 "$work/unit could not be written."; }
}

# starts_this: the user unit that is there starts the gateway that is to run, by a program that is there. A person may have changed the rest of it.
starts_this() {
  started=$(systemctl --user show "$gateway" -p ExecStart 2>/dev/null | head -n 1)
  program=$(printf '%s\n' "$started" | sed -n 's/^ExecStart={ path=\(.*\) ; argv\[\]=.*/\1/p')
  [ -x "$program" ] || return 1
  case $started in *"$root/"*) ;; *) return 1 ;; esac
  port=$(printf '%s\n' "$started" | sed -n 's/.* --port[ =]\([0-9]*\).*/\1/p')
  [ "${port:-$GATEWAY_PORT}" = "$GATEWAY_PORT" ]
}

install_user_service() {
  enable_linger
  tries=0
  until user_manager_answers; do
    tries=$((tries + 1))
    [ "$tries" -le 50 ] || stop 40 "The user manager of systemd does not answer for $account."
    sleep 0.2
  done
  write_unit '' default.target
  echo 'Installing the service …'
  stop_others user
  control user daemon-reload
  starts_this || place_unit user 600 || give_up "$(unit_folder user)/$gateway could not be written."
  control user daemon-reload
  start_service
}

install_system_service() {
  unit=/etc/systemd/system/$gateway
  [ ! -e "$unit" ] || is_own system "$gateway" || stop 42 "$unit is the service of another account."
  as_root true || stop 41 'A system service needs root: sudo was refused.'
  # It stops here where the services that it replaces cannot be stopped.
  find_others system
  echo 'Installing the system service …'
  write_unit "User=$account
" multi-user.target
  place_unit system 644 || stop 42 "$unit could not be written."
  as_root systemctl daemon-reload
  stop_others system
  start_service
}

install_supervised_service() {
  for program in flock setsid; do
    command -v "$program" >/dev/null 2>&1 || stop 26 "$program is not installed."
  done
  echo 'Installing the supervisor …'
  supervisor=$root/bin/openclaw-supervisor
  # A running supervisor reads on in the old file, also where the gateway is not restarted: the new one takes effect at its next start.
  printf '%s\n' "$SUPERVISOR" >"$work/supervisor" && chmod 755 "$work/supervisor" && mv -f "$work/supervisor" "$supervisor" ||
    { stop_if_full; stop 42 "$supervisor could not be written."; }
  # As OpenClaw writes its user unit (2026.9.6). A restart that it asks for itself stays in the process, which the supervisor knows.
  cat >"$work/unit" <<UNIT
ExecStart=$root/bin/node $root/lib/node_modules/openclaw/dist/index.js gateway --port $GATEWAY_PORT
Environment=HOME=$HOME
Environment=PATH=$root/bin:/usr/local/bin:/usr/bin:/bin
Environment=OPENCLAW_GATEWAY_PORT=$GATEWAY_PORT
Environment=OPENCLAW_NO_RESPAWN=1
UNIT
  tail -n 1 "$work/unit" | grep -q RESPAWN && mkdir -p "$root/supervisor" && chmod 700 "$root/supervisor" &&
    mv -f "$work/unit" "$root/supervisor/openclaw-gateway.service" || { stop_if_full; stop 42 "$root/supervisor could not be written."; }
  "$supervisor" start || stop 42 'The supervisor could not start the gateway.'
  "$supervisor" enable || stop 42 'cron did not take the line that starts the gateway at boot.'
}

main() {
  [ -x "$root/bin/openclaw" ] || stop 25 'OpenClaw is not installed here yet.'
  begin
  # What the unit names wins over the config, so both have the same.
  GATEWAY_PORT=${GATEWAY_PORT:-$(kept port 18789)}
  # Whoever writes the config would write lines of a unit that root installs.
  case $GATEWAY_PORT in '' | *[!0-9]* | ??????*) stop 30 'The port of the gateway in its config is none.' ;; esac
  if [ -d /run/systemd/system ]; then
    case $MANAGER in
      supervised) stop 43 'systemd runs on this server.' ;;
      systemd-system) install_system_service ;;
      systemd-user) install_user_service ;;
      # A service that is only stopped keeps its manager.
      *) if is_used system "$gateway" && is_own system "$gateway" && ! is_used user "$gateway"; then install_system_service; else install_user_service; fi ;;
    esac
  else
    case $MANAGER in
      auto | supervised) install_supervised_service ;;
      *) stop 40 'systemd does not run on this server.' ;;
    esac
  fi
  echo 'The service is installed.'
}
main </dev/null

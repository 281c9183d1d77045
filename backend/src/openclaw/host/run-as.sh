# Shared by the scripts beside it: runs programs with the rights of another account. POSIX shell, Debian to Alpine.
# The script itself is standard input, so callers end in: main "$@" </dev/null
export LC_ALL=C
# OpenClaw would run compiled code from below /tmp, where another account may have put it.
export NODE_DISABLE_COMPILE_CACHE=1
PATH=$PATH:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin

# limit SECONDS COMMAND…: a hung bus or a slow login shell must not delay the whole inspection.
limit() {
  seconds=$1
  shift
  if command -v timeout >/dev/null 2>&1; then timeout "$seconds" "$@"; else "$@"; fi
}

# find_switch: sets switch, how the login runs a program as the account in run_as. Empty: it needs no other account. Fails where it cannot.
find_switch() {
  if [ -z "$run_as" ]; then
    switch=
  elif [ "$(id -u)" = 0 ]; then
    if command -v runuser >/dev/null 2>&1; then switch=runuser; else switch=su; fi
  elif limit 3 sudo -n -u "$run_as" true >/dev/null 2>&1; then
    switch=sudo
  elif limit 3 sudo -n true >/dev/null 2>&1; then
    # Where sudo may run programs as root alone.
    switch=sudo-su
  else
    return 1
  fi
}

# run_as_account SECONDS FOLDER COMMAND…: runs a program with the rights of run_as, after find_switch. FOLDER is the first in the PATH of the
# program alone: what this script itself ran from there would be a program of that account with other rights.
run_as_account() {
  seconds=$1
  first=$2
  shift 2
  if [ -z "$switch" ]; then limit "$seconds" env "PATH=$first:$PATH" "$@"; return; fi
  run_as_home=$(getent passwd "$run_as" 2>/dev/null | cut -d: -f6)
  cd / || return
  # Only these: that account can read the environment of its processes, and the profile of the login may export secrets.
  set -- env "HOME=${run_as_home:-/}" "PATH=$first:$PATH" NODE_DISABLE_COMPILE_CACHE=1 ${OPENCLAW_GATEWAY_PORT:+"OPENCLAW_GATEWAY_PORT=$OPENCLAW_GATEWAY_PORT"} "$@"
  # Within sudo: its own process is one of root, which the login could not end.
  if command -v timeout >/dev/null 2>&1; then set -- timeout "$seconds" "$@"; fi
  # sudo drops the variables by itself. After --: su would take the options of the command for its own.
  # shellcheck disable=SC2016
  case $switch in
    runuser) env -i "PATH=$PATH" LC_ALL=C runuser -u "$run_as" -- "$@" ;;
    su) env -i "PATH=$PATH" LC_ALL=C su -s /bin/sh -c 'exec "$@"' -- "$run_as" sh "$@" ;;
    sudo) sudo -n -u "$run_as" -- "$@" ;;
    sudo-su) sudo -n su -s /bin/sh -c 'exec "$@"' -- "$run_as" sh "$@" ;;
  esac
}

# Runs a script that works on what the gateway has named, as the account of the gateway, which would else choose what the login reads, moves,
# unpacks and deletes.
# $1 openclaw.json, $2 port of the gateway, $3 account of its system unit or empty, $4 file in the home of the login that becomes the standard
# input, or empty; it is removed. $5 "read" for a script that, where ACCOUNT_THAT_OWNS, a number, is not empty, opens only files of that account and
# those of root that everybody may read: a login that may not run programs as that account still reads what is open to both, and root what a
# container has mounted. $6 the script, the rest its arguments.
# Exit code 13: the account of the gateway cannot be told; 14: the login may not run programs as that account.

# Seconds for a script to end; Buoy waits less.
MAX_SECONDS=600

# gateway_account CONFIG PORT ACCOUNT: sets account to the number of the one other than root that owns the config or is that of the unit; empty for
# root alone. Fails when there are several, when another one listens on the port, or without a trace of a gateway. Only the unit is out of reach of
# the gateway: it can stop listening, and name a config of root; and anyone can listen while it is down. Source of the columns: proc_net_tcp.txt of the Linux kernel (0A is LISTEN; words in
# the order of the processor). Only addresses that a stream to 127.0.0.1 reaches count: every account may listen on the others.
gateway_account() {
  account=
  listeners=$(awk -v port="$(printf '%04X' "$2")" '$4 == "0A" {
      split($2, part, ":")
      if (part[2] == port && part[1] ~ /^(0+|(0+(FFFF0000|0000FFFF))?(0100007F|7F000001))$/) print $8
    }' \
    /proc/net/tcp /proc/net/tcp6 2>/dev/null)
  of_unit=$3
  # systemd takes digits for the number of an account.
  case $of_unit in *[!0-9]*) of_unit=$(id -u -- "$3" 2>/dev/null) || return 1 ;; esac
  # shellcheck disable=SC2046,SC2086
  set -- $(stat -c %u -- "$1" 2>/dev/null) $of_unit
  [ $# -gt 0 ] || return 1
  for owner; do
    if [ "$owner" = 0 ]; then continue; fi
    if [ -n "$account" ] && [ "$account" != "$owner" ]; then return 1; fi
    account=$owner
  done
  for listener in $listeners; do
    if [ "$listener" != 0 ] && [ "$listener" != "$account" ]; then return 1; fi
  done
}

# is_seen FILE: false for one that the login sees and run_as does not: a container has its folder mounted elsewhere.
is_seen() { [ ! -e "$1" ] || run_as_account 5 /usr/bin test -e "$1" >/dev/null 2>&1; }

main() {
  input=
  if [ -n "$4" ]; then
    input=$HOME/$4
    # Leftovers of an interrupted upload that are at least an hour old.
    find "$HOME" -maxdepth 1 -name '.buoy-skill-*.tar' -mmin +60 -exec rm -f -- {} +
    trap 'rm -f -- "$input"' EXIT
  fi
  gateway_account "$1" "$2" "$3" || exit 13
  config=$1
  mode=$5
  shift 5
  run_as='' switch='' ACCOUNT_THAT_OWNS='' refusal=
  if [ -n "$account" ] && [ "$account" != "$(id -u)" ]; then
    entry=$(getent passwd "$account")
    run_as=${entry%%:*}
    if [ -z "$run_as" ]; then refusal=13
    elif ! find_switch; then refusal=14
    elif [ "$mode" = read ] && ! is_seen "$config"; then refusal=14
    fi
  fi
  if [ -n "$refusal" ]; then
    [ "$mode" = read ] || exit "$refusal"
    switch='' ACCOUNT_THAT_OWNS=$account
  fi
  export ACCOUNT_THAT_OWNS
  script=$1
  shift
  run_as_account "$MAX_SECONDS" /usr/bin /bin/sh -c "$script" sh "$@" <"${input:-/dev/null}"
}
main "$@" </dev/null

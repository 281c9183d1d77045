# Runs a script that works in folders which the gateway has named. With a login as root it runs as the account of the gateway, which would
# else choose what root moves, unpacks and deletes.
# $1 openclaw.json, $2 port of the gateway, $3 file in the home of the login that becomes the standard input, or empty; it is removed.
# $4 the script, the rest its arguments. Exit code 13: the account of the gateway cannot be told.
export LC_ALL=C

# gateway_account CONFIG PORT: sets account to the one other than root that owns the config or listens on the port; empty for root alone.
# Fails when there are several, or no trace of a gateway. Source of the columns: proc_net_tcp.txt of the Linux kernel (0A is LISTEN; words in
# the order of the processor). Only addresses that a stream to 127.0.0.1 reaches count: every account may listen on the others.
gateway_account() {
  account=
  listeners=$(awk -v port="$(printf '%04X' "$2")" '$4 == "0A" {
      split($2, part, ":")
      if (part[2] == port && part[1] ~ /^(0+|(0+(FFFF0000|0000FFFF))?(0100007F|7F000001))$/) print $8
    }' \
    /proc/net/tcp /proc/net/tcp6 2>/dev/null)
  owners="$(stat -c %u -- "$1" 2>/dev/null) $listeners"
  [ -n "${owners# }" ] || return 1
  for owner in $owners; do
    if [ "$owner" = 0 ]; then continue; fi
    if [ -n "$account" ] && [ "$account" != "$owner" ]; then return 1; fi
    account=$owner
  done
}

main() {
  input=
  if [ -n "$3" ]; then
    input=$HOME/$3
    # Leftovers of an interrupted upload that are at least an hour old.
    find "$HOME" -maxdepth 1 -name '.buoy-skill-*.tar' -mmin +60 -exec rm -f -- {} +
    trap 'rm -f -- "$input"' EXIT
  fi
  account=
  if [ "$(id -u)" = 0 ]; then gateway_account "$1" "$2" || exit 13; fi
  shift 3
  script=$1
  shift
  set -- /bin/sh -c "$script" sh "$@"
  if [ -n "$account" ]; then
    entry=$(getent passwd "$account")
    [ -n "$entry" ] || exit 13
    name=${entry%%:*}
    # Another account may not even read the folder of the login.
    cd / || exit 13
    set -- env "HOME=$(printf '%s' "$entry" | cut -d: -f6)" "$@"
    if command -v runuser >/dev/null 2>&1; then
      set -- runuser -u "$name" -- "$@"
    else
      # After --: su would take the options of the command for its own.
      # shellcheck disable=SC2016
      set -- su -s /bin/sh -c 'exec "$@"' -- "$name" sh "$@"
    fi
  fi
  "$@" <"${input:-/dev/null}"
}
main "$@"

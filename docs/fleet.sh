#!/usr/bin/env bash
# Adds a list of servers to Buoy, tests each, restarts its gateway, and prints the state of the fleet.
# It may be run again: a server with the same name is used as it is.
#
#   fleet.sh LIST KEY
#
#   LIST  a file with one server per line: its name, without spaces, and its login as user@host or user@host:port;
#         lines that begin with # are skipped
#   KEY   the private key with which Buoy logs in to the new servers
#
# Needs bash, Node 20 or newer (as buoy itself does), and a buoy that is signed in: `buoy login URL`, or BUOY_URL with a
# BUOY_TOKEN with scope admin, because it adds servers.
#
#   BUOY=buoy     the command to run, as in BUOY="node cli/dist/buoy.mjs"
#   TAG=fleet     the tag of the new servers
#   RESTART=yes   "no" only tests
#
# Exit code: 0 every server is healthy, 1 some are not, 2 wrong usage.
set -euo pipefail

if [[ $# -ne 2 || ! -r $1 || ! -r $2 ]]; then
  sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0" >&2
  exit 2
fi
list=$1 key=$2
read -ra buoy <<<"${BUOY:-buoy}"
errors=$(mktemp)
trap 'rm -f "$errors"' EXIT

# Prints the value at a path such as status.gateway.state in the JSON on standard input, or nothing.
field() {
  node -e '
    let value = JSON.parse(require("node:fs").readFileSync(0, "utf8") || "null");
    for (const key of process.argv[1].split(".")) value = value?.[key];
    process.stdout.write(value == null ? "" : String(value));
  ' "$1"
}

# The id of the server with exactly this name.
id_of() {
  "${buoy[@]}" servers list --json | node -e '
    const { servers } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
    process.stdout.write(servers.find(({ name }) => name === process.argv[1])?.id ?? "");
  ' "$1"
}

# Runs buoy with --json; sets `answer`, and `why` with the reason of a failure.
ask() {
  why=''
  answer=$("${buoy[@]}" "$@" --json 2>"$errors" </dev/null) && return
  local code=$?
  why=$(tail -n 1 "$errors" | field error 2>/dev/null) || why=$(tail -n 1 "$errors")
  return "$code"
}

# Waits up to two minutes for a gateway that has just started. The last answer is in `answer`.
ask_until_ready() {
  local attempt
  for attempt in {1..24}; do
    ask openclaw status "$1" || return
    [[ $(field status.gateway.state <<<"$answer") == starting ]] || return 0
    sleep 5
  done
}

failed=0
report() {
  printf '%-24s %-14s %-12s %s\n' "$@"
}
fail() {
  failed=1
  report "$@"
}

report NAME STATE OPENCLAW WHY
while read -r name login _ || [[ -n ${name:-} ]]; do
  [[ -z $name || $name == '#'* ]] && continue

  id=$(id_of "$name")
  if [[ -z $id ]]; then
    if ! ask servers add "$login" --name "$name" --key "$key" --tag "${TAG:-fleet}"; then
      fail "$name" 'not added' - "$why"
      continue
    fi
    id=$(field server.id <<<"$answer")
  fi

  if ! ask servers test "$id"; then
    fail "$name" unreachable - "${why:-$(field failure.message <<<"$answer")}"
    continue
  fi
  version=$(field openclaw.version <<<"$answer")
  if [[ $(field openclaw.installed <<<"$answer") != true ]]; then
    fail "$name" 'not installed' - 'OpenClaw is not installed.'
    continue
  fi

  if [[ ${RESTART:-yes} != no ]] && ! ask openclaw restart "$id"; then
    fail "$name" 'not restarted' "$version" "${why:-$(field task.error.message <<<"$answer")}"
    continue
  fi

  if ! ask_until_ready "$id"; then
    fail "$name" unknown "$version" "$why"
  elif [[ $(field status.gateway.ready <<<"$answer") == true ]]; then
    report "$name" healthy "$(field status.version <<<"$answer")" ''
  else
    fail "$name" "$(field status.gateway.state <<<"$answer")" "$version" 'The gateway is not ready.'
  fi
done <"$list"
exit "$failed"

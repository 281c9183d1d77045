# Runs OpenClaw's own command: $1 is a file in the folder of its Node, $2 the command, the rest its words. MAX_SECONDS: how long it may take.
: "${MAX_SECONDS:=35}"

main() {
  if ! find_owner_of_command "$1" "$2"; then
    echo '{"error":{"message":"Other accounts can replace this command, so Buoy does not run it."}}'
    return 1
  fi
  folder=$(dirname "$1")
  binary=$2
  shift 2
  # Some commands ("skills list" and "doctor" of 2026.9.6) send the token to whoever listens on the gateway's port. Only root can listen on
  # this one. To doctor the unit then has a wrong port, which it changes only when a person confirms that.
  OPENCLAW_GATEWAY_PORT=1
  export OPENCLAW_GATEWAY_PORT
  # Ends by itself when Buoy is gone: each run holds 200 to 600 MB.
  run_as_account "$MAX_SECONDS" "$folder" "$binary" --no-color "$@"
}
main "$@" </dev/null

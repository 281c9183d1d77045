# Lets OpenClaw check a change of its config without writing it: $1 is a file in the folder of its Node, $2 the command,
# $3 the patch. The patch goes through a pipe, so that no secret in it shows in `ps`.

main() {
  find_owner_of_command "$1" "$2" || return 1
  # Some commands send the token of the gateway to whoever listens on its port. Only root can listen on this one.
  OPENCLAW_GATEWAY_PORT=1
  export OPENCLAW_GATEWAY_PORT
  printf '%s' "$3" | run_as_account 35 "$(dirname "$1")" "$2" --no-color config patch --stdin --dry-run --json
}
main "$@"

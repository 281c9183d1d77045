# Lets OpenClaw check a change of its config without writing it: $1 is a file in the folder of its Node, $2 the command,
# $3 the patch. The patch goes through a pipe, so that no secret in it shows in `ps`.

main() {
  keeper_of "$1" "$2" || return 1
  printf '%s' "$3" | as_keeper 35 "$(dirname "$1")" "$2" --no-color config patch --stdin --dry-run --json
}
main "$@"

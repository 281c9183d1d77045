# Prints the versions of what runs OpenClaw, and of Ollama, as key=value lines; the last one is end=1. $1: the Node that runs it, $2: its command; both
# may be empty.

# Of npm beside that Node, without starting it.
npm_version() {
  real=$(readlink -f "$1" 2>/dev/null)
  package_version "${real%/bin/*}/lib/node_modules/npm"
}

main() {
  # Another account may own it: the login must not lend its rights.
  if [ -n "$1" ] && find_owner_of_command "$1"; then
    say node "$(run_as_account 5 "$(dirname "$1")" "$1" --version 2>/dev/null | head -n 1)"
    say npm "$(npm_version "$1")"
  fi
  if [ -n "$2" ]; then say engines "$(engines_in "$(openclaw_folder "$2")")"; fi
  say ollama "$(ollama_version)"
  say end 1
}
main "$@" </dev/null

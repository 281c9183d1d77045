# Prints the versions of what runs OpenClaw, and of Ollama, as key=value lines; the last one is end=1. $1: the Node that runs it, or empty.

# Of npm beside that Node, without starting it.
npm_version() {
  real=$(readlink -f "$1" 2>/dev/null)
  package_version "${real%/bin/*}/lib/node_modules/npm"
}

# Its own answer: the command would start a client, and lies in places that other accounts may write.
ollama_version() {
  if command -v curl >/dev/null 2>&1; then
    limit 4 curl -s --max-time 3 http://127.0.0.1:11434/api/version
  elif command -v wget >/dev/null 2>&1; then
    limit 4 wget -q -T 3 -t 1 -O - http://127.0.0.1:11434/api/version
  fi 2>/dev/null | head -c 1000 | sed -n 's/.*"version" *: *"\([^"]*\)".*/\1/p' | head -n 1
}

main() {
  # Another account may own it: the login must not lend its rights.
  if [ -n "$1" ] && find_owner_of_command "$1"; then
    say node "$(run_as_account 5 "$(dirname "$1")" "$1" --version 2>/dev/null | head -n 1)"
    say npm "$(npm_version "$1")"
  fi
  say ollama "$(ollama_version)"
  say end 1
}
main "$@" </dev/null

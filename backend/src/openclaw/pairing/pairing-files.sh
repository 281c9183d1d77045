# Prints the pairing requests that OpenClaw keeps in files (2026.7): for each file its name, then its content in one line. Runs by as-gateway.sh.
# $1: the folder of openclaw.json.

main() {
  for file in "$1"/credentials/*-pairing.json; do
    [ -f "$file" ] || continue
    {
      # Of the opened file: the path may lead to another one by now.
      if [ -n "$ACCOUNT_THAT_OWNS" ] && [ "$(stat -Lc %u /proc/self/fd/3)" != "$ACCOUNT_THAT_OWNS" ]; then continue; fi
      basename "$file"
      # A request has some 300 bytes, and there are three of an account.
      head -c 262144 <&3 | tr -d '\r\n'
      echo
    } 3<"$file"
  done
}
main "$@"

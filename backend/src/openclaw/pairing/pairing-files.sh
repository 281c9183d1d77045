# Prints the pairing requests that OpenClaw keeps in files (2026.7): for each file its name, then its content in one line.
# $1: the folder of openclaw.json.

main() {
  for file in "$1"/credentials/*-pairing.json; do
    [ -f "$file" ] || continue
    basename "$file"
    # A request has some 300 bytes, and there are three of an account.
    head -c 262144 "$file" | tr -d '\r\n'
    echo
  done
}
main "$@"

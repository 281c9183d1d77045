# Runs OpenClaw's own command: $1 is a file in the folder of its Node, $2 the command, the rest its words.

main() {
  PATH=$(dirname "$1"):$PATH
  export PATH
  shift
  binary=$1
  shift
  # Ends by itself when Buoy is gone: each run holds 200 to 600 MB.
  limit 35 "$binary" --no-color "$@"
}
main "$@" </dev/null

# Prints how many seconds ago OpenClaw last put a broken config aside to repair it, nothing when it never did. $1: the config file.

main() {
  newest=0
  for file in "$1".clobbered.*; do
    [ -f "$file" ] || continue
    changed=$(stat -c %Y "$file" 2>/dev/null) || continue
    [ "$changed" -gt "$newest" ] && newest=$changed
  done
  [ "$newest" -gt 0 ] || return 0
  echo $(($(date +%s) - newest))
}
main "$@" </dev/null

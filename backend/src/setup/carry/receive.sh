# Makes ready for the parts of a bundle, and says which are there already, as key=value lines; the last is end=1. $1: the name of the bundle.

main() {
  umask 077
  carried=$HOME/.buoy/carried
  say freeKiB "$(df -P -k "$HOME" 2>/dev/null | awk 'END { print $4 }')"
  mkdir -p "$carried/$1" && chmod 700 "$HOME/.buoy" "$carried" "$carried/$1" || { say problem folder; say end 1; return; }
  # What was never used, and pieces of parts whose connection was lost: another one may be on its way for another minute.
  find "$carried" -mindepth 1 -maxdepth 1 -type d ! -name "$1" -mtime +0 -exec rm -rf {} + 2>/dev/null
  find "$carried/$1" -name '.*' -type f -mmin +10 -exec rm -f {} + 2>/dev/null
  say parts "$(cd "$carried/$1" && ls | grep -x '[0-9][0-9][0-9][0-9]' | tr '\n' ' ')"
  say end 1
}
main "$@" </dev/null

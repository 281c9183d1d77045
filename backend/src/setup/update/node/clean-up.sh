# Removes what nobody needs any more. Variables: those of places.sh, ROLLED_BACK (yes after one). The Node before this one stays, for a way back by hand.
# in_use FOLDER: a program of it runs, or a unit names it.
in_use() {
  case $programs in *" -> $1/"*) return 0 ;; esac
  grep -rqsF "$1/" "$HOME/.config/systemd/user" /etc/systemd/system
}

main() {
  if [ "$ROLLED_BACK" = yes ]; then
    if [ "$(cat "$new/.staged-by" 2>/dev/null)" = "$TASK" ]; then rm -rf "$new"; fi
    return
  fi
  rm -f "$new/.staged-by"
  # shellcheck disable=SC2012
  programs=$(ls -l /proc/[0-9]*/exe 2>/dev/null)
  real=$(readlink -f "$root")
  for folder in "$real"/node-v*; do
    case ${folder##*/node-v} in "$FROM" | "$TO" | "$LINKED") continue ;; esac
    if [ -d "$folder" ] && [ ! -L "$folder" ] && ! in_use "$folder"; then
      rm -rf "$folder"
      echo "Node ${folder##*/node-v}, which nothing uses, is removed."
    fi
  done
}
main </dev/null

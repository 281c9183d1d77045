# Puts the old npm back. It can be run again after it was cut. Variables: those of places.sh.
main() {
  if is_of_another; then stop 55 'Another update is at work on this server.'; fi
  if [ -d "$staging/old" ]; then
    if [ -e "$folder" ]; then rename "$folder" "$staging/undone-$$" 2>/dev/null || rm -rf "$folder" || stop 50 'The new npm could not be moved away.'; fi
    # Never by a copy: half of one would pass for the old npm.
    rename "$staging/old" "$folder" || stop 50 'The old npm could not be moved back.'
    sync
  fi
  echo 'The old npm is in its place.'
}
main </dev/null

# Puts the new npm in the place of the old one. It can be run again after it was cut. Variables: those of places.sh.
main() {
  [ "$(cat "$staging/task" 2>/dev/null)" = "$TASK" ] || stop 55 'Another update has begun on this server, or what this one staged is gone.'
  if [ ! -d "$staging/old" ]; then take_away "$folder" "$staging/old" || { stop_if_full; stop 50 'The old npm could not be moved.'; }; fi
  if [ -d "$staging/new" ]; then
    # The rest of the old one, which is whole in its other place.
    rm -rf "$folder"
    take_away "$staging/new" "$folder" || { stop_if_full; stop 50 'The new npm could not be moved into its place.'; }
  fi
  sync
  echo "npm $TO is in place."
}
main </dev/null

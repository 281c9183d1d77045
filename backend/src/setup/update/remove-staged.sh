# Removes what an update or a restore has brought and staged that ends before it changes anything. Variables: those of places.sh.
main() {
  remove "$copy" "$unpacked" "$room"
  # One that was killed while it staged has it under another name.
  for folder in "$staging" "$staging"-*; do
    # With the way back in it, it is undone instead.
    if [ "$(cat "$folder/task" 2>/dev/null)" = "$TASK" ] && [ ! -e "$folder/old" ]; then remove "$folder"; fi
  done
  if has_archives; then remove "$snapshots/.carried-$TASK" "$snapshots/.carried-$TASK.tar.gz"; fi
}
main </dev/null

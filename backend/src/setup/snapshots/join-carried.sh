# Makes one archive of the pieces that have come from another server. Variables: those of places.sh, PIECES (how many), SHA256 (of the archive).
join() {
  piece=0
  while [ "$piece" -lt "$PIECES" ]; do
    name=$(printf '%05d' "$piece")
    [ -f "$name" ] && [ ! -L "$name" ] && cat "$name" || return 1
    # Its room is needed for the archive.
    rm -f "$name"
    piece=$((piece + 1))
  done
}

main() {
  archive=$snapshots/.carried-$TASK.tar.gz
  has_archives && cd "$snapshots/.carried-$TASK" || stop 70 'The pieces of the archive are not there.'
  (umask 077 && join >"$archive") || { stop_if_full; stop 70 'A piece of the archive is missing.'; }
  cd "$snapshots" && remove ".carried-$TASK"
  [ "$(sum_of "$archive")" = "$SHA256" ] || { rm -f "$archive"; stop 71 'What has arrived is not the archive that was made.'; }
  echo 'The archive has arrived whole.'
}
main </dev/null

# The way back of an update: a copy of the state, which the new version goes on with.
keep_state() {
  echo 'Copying the state …'
  remove_marked "$kept" && remove "$copy" || stop 50 "$kept is in the way."
  (umask 077 && mkdir "$copy") && touch "$copy/.buoy" && copy_entries "$STATE" "$copy" || {
    # Half a copy takes the room that the old version needs to start.
    said=$(stop_if_full 2>&1)
    code=$?
    remove "$copy"
    [ "$code" = 0 ] || stop "$code" "$said"
    stop 50 "$STATE could not be copied."
  }
  # After a power cut, the mark must not be there without the copies.
  sync
  touch "$copy/.complete" || { stop_if_full; stop 50 "$copy cannot be written."; }
  # One that staged meanwhile has removed part of the copy.
  expect_own
  rename "$copy" "$kept" || { stop_if_full; stop 50 "$kept cannot be written."; }
}

put_state() { :; }

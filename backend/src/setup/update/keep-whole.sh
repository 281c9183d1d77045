# The way back of a restore: OpenClaw's folder itself, with its workspaces, in whose place the snapshot comes.
keep_state() {
  [ -d "$unpacked/state" ] || stop 1 'The unpacked snapshot is no longer there.'
  echo 'Moving the present state out of the way …'
  # What belongs to another account would not be put back.
  [ "$(stat -c %u "$STATE")" = "$(id -u)" ] || stop 57 "$STATE belongs to another account."
  remove_marked "$kept" || stop 50 "$kept is in the way."
  touch "$STATE/.buoy" "$STATE/.whole" "$STATE/.complete" && sync || { stop_if_full; stop 50 "$STATE cannot be written."; }
  # Where it can only be copied, as from the lower layer of an overlay, the copy is whole before anything of it goes.
  rename "$STATE" "$kept" 2>/dev/null ||
    { remove "$copy" && cp -a "$STATE" "$copy" && sync && rename "$copy" "$kept" && remove "$STATE"; } ||
    { stop_if_full; stop 50 "$STATE could not be moved."; }
}

put_state() {
  if [ -d "$unpacked/state" ]; then
    # What was started meanwhile may have made a new one.
    if [ -e "$STATE" ] || [ -L "$STATE" ]; then put_aside || stop 50 "$STATE is in the way."; fi
    rename "$unpacked/state" "$STATE" || { stop_if_full; stop 50 'The snapshot could not be moved into its place.'; }
  fi
  carry "$kept" "$STATE"
  echo 'The state of the snapshot is in place.'
}

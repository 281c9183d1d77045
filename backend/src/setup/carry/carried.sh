# Takes what the scripts before it would download from what Buoy has sent. Behind installer.sh, and behind npm-install.sh where there is npm already.
# Variables: CARRIED (the folder of the parts, below ~/.buoy/carried), CARRIED_SHA256 (of all parts together), CARRIED_INDEX_BYTES: they begin with
# an index, "OFFSET SIZE PATH" in each line. Offsets count from behind it; http://carried.invalid is where the paths are for the scripts.

# Puts the parts together, once, in the work folder, with which they go.
open_carried() {
  [ ! -f "$work/index" ] || return 0
  parts=$HOME/.buoy/carried/$CARRIED
  # Another installation may have found them as well.
  mv "$parts" "$parts.$$" 2>/dev/null || stop 27 'What Buoy has sent is not on the server any more.'
  for part in "$parts.$$"/[0-9][0-9][0-9][0-9]; do
    # One by one, so that the disk never holds it all twice.
    cat "$part" >>"$work/bundle" || { rm -rf "$parts.$$"; stop_if_full; stop 27 'What Buoy has sent could not be read.'; }
    rm -f "$part"
  done
  rm -rf "$parts.$$"
  check_sum sha256sum "$work/bundle" "$CARRIED_SHA256"
  head -c "$CARRIED_INDEX_BYTES" "$work/bundle" >"$work/index" || { rm -f "$work/index"; stop_if_full; stop 1 'The index could not be written.'; }
}

# fetch URL FILE: in the place of that of installer.sh.
fetch() {
  open_carried
  place=$(awk -v path="${1#http://carried.invalid}" '$3 == path { print $1, $2; exit }' "$work/index")
  [ -n "$place" ] || { status=404; return 1; }
  tail -c "+$((CARRIED_INDEX_BYTES + ${place% *} + 1))" "$work/bundle" 2>/dev/null | head -c "${place#* }" >"$2" || return 1
  status=200
}

# In the place of those of npm-install.sh.
prepare_npm() {
  open_carried
  cat >"$work/registry.mjs" <<'CARRIED_REGISTRY'
@registry.mjs@
CARRIED_REGISTRY
}
run_npm() { node "$work/registry.mjs" "$npm" "$work" "$CARRIED_INDEX_BYTES" "$@"; }

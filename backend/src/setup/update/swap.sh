# Puts the new version in the place of the old one; the gateway is down. It can be run again after it was cut. Variables: those of places.sh,
# FROM (the old version).
main() {
  expect_stopped
  expect_own
  [ -d "$staging/old/package" ] || [ "$(version_at "$PACKAGE")" = "$FROM" ] || stop 56 "OpenClaw $FROM is no longer in its place."
  if ! has_kept; then
    echo 'Copying the state …'
    remove_marked "$kept" && rm -rf "$copy" || stop 50 "$kept is in the way."
    # A file system that compresses gives no room to zeros.
    (umask 077 && mkdir "$copy") && touch "$copy/.buoy" && copy_entries "$STATE" "$copy" && head -c 16777216 /dev/urandom >"$copy/.room" || {
      # Half a copy takes the room that the old version needs to start.
      said=$(stop_if_full 2>&1)
      code=$?
      rm -rf "$copy"
      [ "$code" = 0 ] || stop "$code" "$said"
      stop 50 "$STATE could not be copied."
    }
    # After a power cut, the mark must not be there without the copies.
    sync
    touch "$copy/.complete" || { stop_if_full; stop 50 "$copy cannot be written."; }
    # One that staged meanwhile has removed part of the copy.
    expect_own
    rename "$copy" "$kept" || { stop_if_full; stop 50 "$kept cannot be written."; }
    expect_own
  fi
  if [ ! -d "$staging/old/package" ]; then
    [ -d "$staging/new/lib/node_modules/openclaw" ] || stop 1 'The new version is no longer there.'
    mkdir -p "$staging/old" && cp -P "$root/bin/openclaw" "$staging/old/command" && sync &&
      take_away "$PACKAGE" "$staging/old/package" || { stop_if_full; stop 50 'The old version could not be moved.'; }
  fi
  if [ -d "$staging/new/lib/node_modules/openclaw" ]; then
    # The rest of the old version, which is whole in its other place.
    rm -rf "$PACKAGE"
    cp -P "$staging/new/bin/openclaw" "$root/bin/.openclaw-new" && mv -f "$root/bin/.openclaw-new" "$root/bin/openclaw" &&
      rename "$staging/new/lib/node_modules/openclaw" "$PACKAGE" || { stop_if_full; stop 50 'The new version could not be moved into its place.'; }
  fi
  sync
  [ "$(version_at "$PACKAGE")" = "$OPENCLAW_VERSION" ] || stop 56 "OpenClaw $OPENCLAW_VERSION is not in its place."
  echo "OpenClaw $OPENCLAW_VERSION is in place."
}
main </dev/null

# Puts the new version in the place of the old one; the gateway is down. It can be run again after it was cut. Variables: those of places.sh. Behind
# keep-copy.sh or, for a restore, keep-whole.sh.
main() {
  expect_stopped
  expect_own
  [ -d "$staging/old/package" ] || [ "$(version_at "$PACKAGE")" = "$FROM" ] || stop 56 "OpenClaw $FROM is no longer in its place."
  if ! has_kept; then
    keep_state
    expect_own
  fi
  if changes_version; then swap_package; fi
  put_state
  sync
  [ "$(version_at "$PACKAGE")" = "$OPENCLAW_VERSION" ] || stop 56 "OpenClaw $OPENCLAW_VERSION is not in its place."
  echo "OpenClaw $OPENCLAW_VERSION is in place."
}

swap_package() {
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
}
main </dev/null

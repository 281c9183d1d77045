# Installs the new version beside the one that runs. Variables: those of places.sh, NPM_REGISTRY. For a restore behind unpack.sh, with its variables.
expect_no_way_back() {
  [ ! -d "$staging/old/package" ] && [ ! -f "$kept/.complete" ] || stop 55 'The way back of another update is still there.'
}

main() {
  if changes_version; then expect_owned "$npm"; fi
  begin
  expect_no_way_back
  # One that is about to swap misses its file before it moves anything, or what it did is seen by the second look.
  rm -f "$staging/task"
  expect_no_way_back
  # The copy before what it becomes: a rename in between finds nothing, or what it made is removed.
  remove "$modules"/.update-openclaw* "$kept".tsk_* "$STATE".failed-update.tsk_* && remove_marked "$kept" && remove_marked "$aside" ||
    stop 50 'What an earlier update left could not be removed.'
  # Half of a version takes room, and serves nobody; and what an ended update still does must not reach this one.
  own=$staging-$$
  trap 'code=$?; rm -rf "$work"; if [ "$code" != 0 ]; then remove "$own" "$unpacked" "$room"; fi' EXIT
  trap 'exit 143' TERM INT HUP
  mkdir -p "$own/new" && echo "$TASK" >"$own/task" || { stop_if_full; stop 50 "$own cannot be created."; }
  if changes_version; then
    echo "Installing OpenClaw $OPENCLAW_VERSION beside the version that runs …"
    install_package "$own/new"
    started=$("$own/new/bin/openclaw" --version 2>&1) ||
      { echo "$started" >&2; stop_if_full; stop 24 'The new version does not start with the Node of this server.'; }
  fi
  if [ -n "$ARCHIVE" ]; then
    if changes_version; then unpack "$own/new" "$own/new/lib/node_modules/openclaw"; else unpack "$root" "$PACKAGE"; fi
  fi
  # A file system that compresses gives no room to zeros.
  (umask 077 && head -c 16777216 /dev/urandom >"$room") || { stop_if_full; stop 50 "$room cannot be written."; }
  [ ! -e "$staging" ] && mv "$own" "$staging" || stop 55 "$staging is in the way."
  # Hundreds of megabytes: what is on the disk now is not written while the gateway is down.
  sync
  echo "OpenClaw $OPENCLAW_VERSION is ready to be swapped in."
}
main </dev/null

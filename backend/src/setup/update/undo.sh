# Puts the old version and its state back; the gateway is down. It can be run again after it was cut. Variables: those of places.sh.
main() {
  if [ -d "$staging/old/package" ]; then
    rm -rf "$PACKAGE"
    mv "$staging/old/package" "$PACKAGE" || stop 50 'The old version could not be moved back.'
  fi
  if [ -e "$staging/old/command" ] || [ -L "$staging/old/command" ]; then
    cp -P "$staging/old/command" "$root/bin/.openclaw-old" && mv -f "$root/bin/.openclaw-old" "$root/bin/openclaw" ||
      stop 50 'The command of the old version could not be put back.'
  fi
  # The new version is no longer needed, and its room may be.
  rm -rf "$staging/new"
  if [ -f "$kept/.complete" ]; then
    entries "$STATE" | while IFS= read -r entry; do rm -rf "${STATE:?}/$entry"; done
    copy_entries "$kept" "$STATE" || stop 50 "The state could not be copied back; it is in $kept."
    rm -f "$STATE/.complete"
  fi
  echo "OpenClaw $(version_at "$PACKAGE") is back in place."
}
main </dev/null

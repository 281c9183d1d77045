# Makes the Node that lies beside the old one ready to take its place. Variables: those of places.sh. Behind install-node.sh, which has downloaded it.
main() {
  # What does not take the place of the old one takes no room either.
  trap 'code=$?; rm -rf "$work"; if [ "$code" != 0 ] && [ "$was_there" = no ]; then rm -rf "$new"; fi' EXIT
  trap 'exit 143' TERM INT HUP
  [ "$was_there" = yes ] || echo "$TASK" >"$new/.staged-by"
  # A download brings the npm of its day, which may be older than what is there.
  before=$(package_version "$old/lib/node_modules/npm")
  brought=$(package_version "$new/lib/node_modules/npm")
  if [ "$before" != "$brought" ] && [ "$(printf '%s\n' "$before" "$brought" | newest_of 11)" = "$before" ]; then
    echo "Keeping npm $before …"
    rm -rf "$new/lib/node_modules/npm" && cp -a "$old/lib/node_modules/npm" "$new/lib/node_modules/npm" ||
      { stop_if_full; stop 50 'npm could not be copied.'; }
  fi
  starts_openclaw "$new" || { printf '%s\n' "$said" >&2; stop_if_full; stop 60 "OpenClaw does not start with Node $TO."; }
  echo "$said starts with Node $TO."
}
main </dev/null

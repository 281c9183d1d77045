# Sees that the new Node is what runs. Variables: those of places.sh, RESTARTED (yes where the gateway was started with it).
main() {
  said=$("$root/bin/node" --version 2>&1)
  [ "$said" = "v$TO" ] || stop 61 "The command node says $said."
  starts_openclaw "$new" || { printf '%s\n' "$said" >&2; stop 60 "OpenClaw does not start with Node $TO."; }
  [ "$RESTARTED" = yes ] || { echo "Node $TO is what the commands run."; return; }
  runs=$(as_owner readlink -f "/proc/$(unit_property MainPID)/exe" 2>/dev/null)
  [ "$runs" = "$(readlink -f "$new/bin/node")" ] || stop 61 "The gateway runs by ${runs:-nothing that can be seen}."
  echo "The gateway runs by Node $TO."
}
main </dev/null

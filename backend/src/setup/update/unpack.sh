# Unpacks a snapshot beside OpenClaw's folder. Variables: those of places.sh, ARCHIVE (its name among the archives), SHA256 (of the archive), KEEP_OWN (the
# program that leaves out what another server must not have; empty on the server that the snapshot is of), WITH_CREDENTIALS (yes or no).

# unpack PREFIX PACKAGE: with the command in the bin of PREFIX, of the version that the snapshot has.
unpack() {
  archive=$snapshots/$ARCHIVE
  has_archive "$ARCHIVE" || stop 70 'The archive of the snapshot is not on the server any more.'
  [ "$(sum_of "$archive")" = "$SHA256" ] || stop 71 'The archive is not the one that was made: its checksum differs.'
  OPENCLAW_GATEWAY_PORT=1 "$1/bin/openclaw" backup verify "$archive" --json >"$work/verify.log" 2>&1 ||
    { tail -n 20 "$work/verify.log" >&2; stop_if_full; stop 72 'OpenClaw cannot read the archive.'; }
  size=$(gzip -dc "$archive" | wc -c)
  free=$(df -P -k "$(dirname "$STATE")" | awk 'END { print $4 }')
  [ "$((size / 1024 + 51200))" -lt "$free" ] ||
    stop 20 "The snapshot takes $((size / 1048576)) MiB, and $((free / 1024)) MiB are left beside $STATE."
  echo 'Unpacking the snapshot …'
  rm -rf "$unpacked"
  (umask 077 && mkdir "$unpacked" "$unpacked/archive") && touch "$unpacked/.buoy" &&
    tar -xzf "$archive" -C "$unpacked/archive" --no-same-owner --no-same-permissions || { stop_if_full; stop 50 'The archive could not be unpacked.'; }
  [ -z "$(find "$unpacked/archive" ! -type f ! -type d ! -type l | head -n 1)" ] || stop 72 'The archive holds more than files, folders and links.'
  found=
  for folder in "$STATE" "$HOME/.openclaw"; do
    for inner in "$unpacked/archive"/*/payload/posix"$folder"; do
      # A link on the way would lead out of the archive.
      if [ -d "$inner" ] && [ "$(readlink -f "$inner")" = "$inner" ]; then found=$inner; fi
    done
  done
  [ -n "$found" ] || stop 73 "The snapshot is of another folder than $STATE."
  [ -f "$found/openclaw.json" ] && [ ! -L "$found/openclaw.json" ] || stop 72 'The snapshot has no config.'
  # One that was carried here is of no use any more.
  case $ARCHIVE in .carried-*) rm -f "$archive" ;; esac
  chmod 700 "$found" && mv "$found" "$unpacked/state" && rm -rf "$unpacked/archive" || stop 50 'The archive could not be unpacked.'
  [ -z "$KEEP_OWN" ] || keep_own "$2"
  sync
}

keep_own() {
  # What leads out of the folder leads to other things here.
  find "$unpacked/state" -type l | while IFS= read -r link; do
    case $(readlink -m "$link") in "$unpacked/state"/*) ;; *) rm -f "$link" ;; esac
  done
  "$NODE" --input-type=module -e "$KEEP_OWN" -- "$unpacked/state" "$STATE" "$1" "$WITH_CREDENTIALS" 2>"$work/keep-own.log" ||
    { tail -n 5 "$work/keep-own.log" >&2; stop_if_full; stop 74 'The keys of the other server could not be left out.'; }
}

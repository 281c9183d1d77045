# Unpacks a snapshot beside OpenClaw's folder. Behind open-archive.sh. Variables: those of places.sh, ARCHIVE (its name among the archives), SHA256 (of the
# archive), KEEP_OWN (empty on the server that the snapshot is of), WITH_CREDENTIALS (yes or no).

# unpack PREFIX PACKAGE: with the command in the bin of PREFIX, of the version that the snapshot has.
unpack() {
  archive=$snapshots/$ARCHIVE
  has_archive "$ARCHIVE" || stop 70 'The archive of the snapshot is not on the server any more.'
  [ "$(sum_of "$archive")" = "$SHA256" ] || stop 71 'The archive is not the one that was made: its checksum differs.'
  # One that was carried here was made without the keys of its server, and is not whole for OpenClaw.
  [ -n "$KEEP_OWN" ] || OPENCLAW_GATEWAY_PORT=1 "$1/bin/openclaw" backup verify "$archive" --json >"$work/verify.log" 2>&1 ||
    { tail -n 20 "$work/verify.log" >&2; stop_if_full; stop 72 'OpenClaw cannot read the archive.'; }
  size=$(gzip -dc "$archive" | wc -c)
  free=$(df -P -k "$(dirname "$STATE")" | awk 'END { print $4 }')
  [ "$((size / 1024 + 51200))" -lt "$free" ] ||
    stop 20 "The snapshot takes $((size / 1048576)) MiB, and $((free / 1024)) MiB are left beside $STATE."
  echo 'Unpacking the snapshot …'
  remove "$unpacked"
  (umask 077 && mkdir "$unpacked" "$unpacked/archive") && touch "$unpacked/.buoy" || { stop_if_full; stop 50 'The archive could not be unpacked.'; }
  open_archive "$archive" "$unpacked/archive"
  # One that was carried here is of no use any more.
  case $ARCHIVE in .carried-*) rm -f "$archive" ;; esac
  chmod 700 "$found" && mv "$found" "$unpacked/state" && remove "$unpacked/archive" || stop 50 'The archive could not be unpacked.'
  [ -z "$KEEP_OWN" ] || keep_own "$unpacked/state" "$STATE" "$2" "$WITH_CREDENTIALS"
  sync
}

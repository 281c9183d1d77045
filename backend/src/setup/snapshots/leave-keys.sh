# Makes of an archive the one that leaves for another server: OpenClaw's folder without what is this server's own. Variables: SNAPSHOT (the id of the
# archive), SHA256 (of it), COMMAND and NODE (of OpenClaw), STATE (its folder), TASK, KEEP_OWN, WITH_CREDENTIALS (yes or no). Behind find-openclaw.sh,
# remove.sh, archives.sh and open-archive.sh. Exit codes: those of places.sh and unpack.sh.
archive=$snapshots/$SNAPSHOT.tar.gz
id=.leaving-$TASK
leaving=$snapshots/$id
stop() { echo "$2" >&2; remove "$leaving"; exit "$1"; }
left_kib() { df -P -k "$snapshots" | awk 'END { print $4 }'; }
stop_if_full() { [ "$(left_kib)" -ge 20480 ] || stop 20 'The disk is full.'; }

main() {
  find_owner_of_command "$COMMAND" "$NODE" && [ -z "$run_as" ] || stop 57 'OpenClaw on this server does not belong to the login alone.'
  has_archive "$SNAPSHOT.tar.gz" || stop 70 'The archive of the snapshot is not on the server any more.'
  [ "$(sum_of "$archive")" = "$SHA256" ] || stop 71 'The archive is not the one that was made: its checksum differs.'
  umask 077
  remove "$leaving" "$leaving.tar.gz"
  mkdir -p "$leaving/archive" "$leaving/made" || stop 50 'The folder of the archives cannot be written.'
  size=$(gzip -dc "$archive" | wc -c)
  [ "$((size / 1024 * 2 + 51200))" -lt "$(left_kib)" ] ||
    stop 20 "Leaving the keys out takes $((size / 524288 + 50)) MiB, and $(($(left_kib) / 1024)) MiB are left."
  echo 'Leaving out what is the own of the server that the snapshot is of …'
  open_archive "$archive" "$leaving/archive"
  keep_own "$found" leaving "$(dirname "$(readlink -f "$COMMAND")")" "$WITH_CREDENTIALS"
  # All else in the archive stays here: nothing of it is restored.
  place=$leaving/made/${found#"$leaving/archive/"}
  mkdir -p "$(dirname "$place")" && mv "$found" "$place" && cd "$leaving/made" && tar -czf "$leaving/left.tar.gz" -- * ||
    { stop_if_full; stop 50 'The archive could not be made.'; }
  sum_of "$leaving/left.tar.gz" >"$(sum_file "$id")" && mv "$leaving/left.tar.gz" "$leaving.tar.gz" && remove "$leaving" ||
    stop 50 'The archive could not be made.'
}
main </dev/null

# Makes of an archive the one that leaves for another server: OpenClaw's folder without what is this server's own. `$1` its id, `$2` its SHA-256, `$3` the
# openclaw command, `$4` its Node, `$5` OpenClaw's folder, `$6` the task, `$7` yes with credentials. Variable: KEEP_OWN. Behind find-openclaw.sh, archives.sh
# and open-archive.sh. Prints what the new archive is. Exit codes: those of places.sh and unpack.sh.
STATE=$5
NODE=$4
archive=$snapshots/$1.tar.gz
leaving=$snapshots/.leaving-$6
stop() { echo "$2" >&2; rm -rf -- "$leaving"; exit "$1"; }
left_kib() { df -P -k "$snapshots" | awk 'END { print $4 }'; }
stop_if_full() { [ "$(left_kib)" -ge 20480 ] || stop 20 'The disk is full.'; }

find_owner_of_command "$3" "$NODE" && [ -z "$run_as" ] || stop 57 'OpenClaw on this server does not belong to the login alone.'
has_archive "$1.tar.gz" || stop 70 'The archive of the snapshot is not on the server any more.'
[ "$(sum_of "$archive")" = "$2" ] || stop 71 'The archive is not the one that was made: its checksum differs.'
umask 077
rm -rf -- "$leaving" "$leaving.tar.gz"
mkdir -p "$leaving/archive" "$leaving/made" || stop 50 'The folder of the archives cannot be written.'
size=$(gzip -dc "$archive" | wc -c)
[ "$((size / 1024 * 2 + 51200))" -lt "$(left_kib)" ] || stop 20 "Leaving the keys out takes $((size / 524288 + 50)) MiB, and $(($(left_kib) / 1024)) MiB are left."
open_archive "$archive" "$leaving/archive"
keep_own "$found" leaving "$(dirname "$(readlink -f "$3")")" "$7"
# All else in the archive stays here: nothing of it is restored.
place=$leaving/made/${found#"$leaving/archive/"}
mkdir -p "$(dirname "$place")" && mv "$found" "$place" && cd "$leaving/made" && tar -czf "$leaving/left.tar.gz" -- * ||
  { stop_if_full; stop 50 'The archive could not be made.'; }
mv "$leaving/left.tar.gz" "$leaving.tar.gz" && rm -rf -- "$leaving" || stop 50 'The archive could not be made.'
echo "sizeBytes=$(wc -c <"$leaving.tar.gz" | tr -d ' ')"
echo "sha256=$(sum_of "$leaving.tar.gz")"
echo end=1

# Removes what was made of an archive for another server: `$1` the task. Behind remove.sh and archives.sh.
has_archives || exit 0
remove "$snapshots/.leaving-$1" "$snapshots/.leaving-$1.tar.gz" "$(sum_file ".leaving-$1")"

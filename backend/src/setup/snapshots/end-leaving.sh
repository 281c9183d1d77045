# Removes what was made of an archive for another server: `$1` the task. Behind archives.sh.
has_archives || exit 0
rm -rf -- "$snapshots/.leaving-$1" "$snapshots/.leaving-$1.tar.gz" "$(sum_file ".leaving-$1")"

# Removes what has arrived of an archive of another server: `$1` the task. Behind archives.sh.
has_archives || exit 0
rm -rf -- "$snapshots/.carried-$1" "$snapshots/.carried-$1.tar.gz"

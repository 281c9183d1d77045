# Makes room for an archive of another server: `$1` the task, `$2` its size in KiB. Behind archives.sh. Exit codes: 20 not enough is free, 50 others may
# write there.
(umask 077 && mkdir -p "$snapshots") && has_archives || exit 50
# The pieces, and the snapshot that is made of them.
left=$(df -P -k "$snapshots" | awk 'END { print $4 }')
[ "$left" -gt "$(($2 * 2))" ] || exit 20
(umask 077 && mkdir -p "$snapshots/.carried-$1") || exit 50

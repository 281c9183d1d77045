# Prints one piece of an archive as base64: `$1` its id, `$2` which piece from 0, `$3` bytes of each. Behind archives.sh. Exit code 70: it is not there.
has_archive "$1.tar.gz" || exit 70
dd if="$snapshots/$1.tar.gz" bs="$3" skip="$2" count=1 2>/dev/null | base64

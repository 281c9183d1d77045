# Prints what an archive is when it was just made: `$1` its id. Behind archives.sh. Exit code 70: it is not there.
has_archive "$1.tar.gz" || exit 70
echo "sizeBytes=$(wc -c <"$snapshots/$1.tar.gz" | tr -d ' ')"
echo "sha256=$(head -c 64 "$(sum_file "$1")")"
echo end=1

# Removes archives: `$1` how many of those that Buoy does not know may stay, `$2` the ids of those that it knows, then the ids of those that go.
# Behind archives.sh.
has_archives || exit 0
unknown=$1
known=$2
shift 2
for id in "$@"; do rm -f -- "$snapshots/$id.tar.gz" "$(sum_file "$id")" || exit 1; done
# A person may keep an archive there under another name.
ls -t "$snapshots" | sed -n 's/^\(snp_[A-Za-z0-9]*\)\.tar\.gz$/\1/p' | while IFS= read -r id; do
  case " $known " in *" $id "*) ;; *) printf '%s\n' "$id" ;; esac
done | tail -n "+$((unknown + 1))" | while IFS= read -r id; do rm -f -- "$snapshots/$id.tar.gz" "$(sum_file "$id")"; done
echo done

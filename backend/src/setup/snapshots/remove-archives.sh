# Removes archives: `$1` how many may stay of those without a record, `$2` the server as it stands in Buoy, `$3` the ids of those that Buoy knows, then the
# ids of those that go. Behind archives.sh.
has_archives || exit 0
unknown=$1
server=$2
known=$3
shift 3
remove_archive() { rm -f -- "$snapshots/$1.tar.gz" "$(sum_file "$1")" "$(by_file "$1")"; }

# may_go ID: the machine may stand twice in Buoy, or in another Buoy, which removes its own. One that nobody has marked may be of a version of Buoy that
# marked none, as may the record be.
may_go() {
  case " $known " in *" $1 "*) return 1 ;; esac
  case $(cat "$(by_file "$1")" 2>/dev/null) in '' | *" $server") ;; *) return 1 ;; esac
  [ -n "$(find "$snapshots/$1.tar.gz" -mtime +30)" ]
}

for id in "$@"; do remove_archive "$id" || exit 1; done
# A person may keep an archive there under another name.
ls -t "$snapshots" | sed -n 's/^\(snp_[A-Za-z0-9]*\)\.tar\.gz$/\1/p' | while IFS= read -r id; do
  if may_go "$id"; then printf '%s\n' "$id"; fi
done | tail -n "+$((unknown + 1))" | while IFS= read -r id; do remove_archive "$id"; done
echo done

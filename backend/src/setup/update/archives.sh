# Where the archives of snapshots are on a server, for the scripts beside it.
snapshots=$HOME/.local/state/openclaw-snapshots

# The folder, which a person may have put on another disk, is the login's alone.
has_archives() { [ -d "$snapshots" ] && is_own_and_closed "$snapshots/."; }
is_own_and_closed() {
  [ "$(stat -c %u "$1")" = "$(id -u)" ] || return 1
  case $(stat -c %a "$1") in *[2367] | *[2367]?) return 1 ;; esac
}

# has_archive NAME: a file of the login in that folder. A link would lead to any other file.
has_archive() {
  has_archives && [ ! -L "$snapshots/$1" ] && [ -f "$snapshots/$1" ] && is_own_and_closed "$snapshots/$1"
}

# sum_file ID: where the SHA-256 of an archive is kept from when it was made.
sum_file() { printf '%s\n' "$snapshots/.$1.sha256"; }

# by_file ID: what an archive was made for, and the server as it stands in the Buoy that has made it. Absent: older versions of Buoy wrote none.
by_file() { printf '%s\n' "$snapshots/.$1.by"; }

# sum_of FILE: its SHA-256 in hex.
sum_of() { sha256sum <"$1" | cut -d ' ' -f 1; }

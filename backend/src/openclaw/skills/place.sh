# Unpacks an uploaded skill beside the folder of skills and moves it there in one step.
# $1 folder of skills, $2 name of the skill, $3 the archive (tar), $4 staging folder, $5 "replace" or empty.
# Exit codes: 10 a skill with this name exists, 11 the archive could not be unpacked.
set -eu
umask 077
root=$1 name=$2 archive=$3 staging=$4 replace=$5
trap 'rm -f -- "$archive"' EXIT
occupied() { [ -e "$root/$name" ] || [ -L "$root/$name" ]; }

if occupied && [ "$replace" != replace ]; then exit 10; fi
mkdir -p -- "$root"
# Leftovers of an interrupted upload that are at least an hour old.
find "$(dirname -- "$root")" -maxdepth 1 -name '.buoy-skill-*' -mmin +60 -exec rm -rf -- {} +
rm -rf -- "$staging"
mkdir -- "$staging" "$staging/new"
# Modes from the archive, with this account as owner.
if ! (umask 022 && tar -x -p -o -f "$archive" -C "$staging/new"); then
  rm -rf -- "$staging"
  exit 11
fi
chmod 755 -- "$staging/new"
sync -- "$staging/new" 2>/dev/null || :
if occupied; then
  mv -- "$root/$name" "$staging/old"
fi
# mv would place the new folder inside a folder that appeared in the meantime.
if occupied || ! mv -- "$staging/new" "$root/$name"; then
  [ ! -d "$staging/old" ] || mv -- "$staging/old" "$root/$name"
  rm -rf -- "$staging"
  exit 10
fi

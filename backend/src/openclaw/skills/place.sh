# Unpacks an uploaded skill, the archive (tar) on standard input, beside the folder of skills and moves it there in one step.
# $1 folder of skills, $2 name of the skill, $3 staging folder, $4 "replace" or empty.
# Exit codes: 10 a skill with this name exists, 11 the archive could not be unpacked, 12 there is no place for the folder of skills.
set -eu
umask 077
root=$1 name=$2 staging=$3 replace=$4
occupied() { [ -e "$root/$name" ] || [ -L "$root/$name" ]; }

if [ ! -d "$(dirname -- "$root")" ]; then exit 12; fi
if occupied && [ "$replace" != replace ]; then exit 10; fi
mkdir -p -- "$root"
# Leftovers of an interrupted upload that are at least an hour old.
find "$(dirname -- "$root")" -maxdepth 1 -name '.buoy-skill-*' -mmin +60 -exec rm -rf -- {} +
rm -rf -- "$staging"
mkdir -- "$staging" "$staging/new"
# Modes from the archive, with this account as owner.
if ! (umask 022 && tar -x -p -o -f - -C "$staging/new"); then
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

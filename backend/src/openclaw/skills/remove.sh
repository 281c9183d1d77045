# Removes one folder of a skill: out of sight in one step, then for good. $1 folder of skills, $2 its folder in there, $3 staging folder.
# Removes a symbolic link, but not its target. Exit code 10: the folder does not exist.
set -eu
root=$1 name=$2 staging=$3
if [ ! -e "$root/$name" ] && [ ! -L "$root/$name" ]; then exit 10; fi
rm -rf -- "$staging"
mkdir -- "$staging"
mv -- "$root/$name" "$staging/old"
rm -rf -- "$staging"

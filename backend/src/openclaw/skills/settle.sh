# Ends what place.sh began. $1 folder of skills, $2 name of the skill, $3 staging folder, $4 "keep" the new one or "undo".
set -eu
root=$1 name=$2 staging=$3 outcome=$4
if [ "$outcome" = undo ]; then
  mv -- "$root/$name" "$staging/refused" 2>/dev/null || :
  if [ -e "$staging/old" ] || [ -L "$staging/old" ]; then mv -- "$staging/old" "$root/$name"; fi
fi
rm -rf -- "$staging"

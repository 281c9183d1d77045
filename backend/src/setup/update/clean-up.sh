# Removes what an update keeps for its rollback. Variables: those of places.sh.
sync
# Cut in the middle, the rest must not pass for a way back.
rm -f "$kept/.complete"
[ ! -e "$staging/old" ] || mv "$staging/old" "$staging/gone-$$"
rm -rf "$staging" "$kept" "$aside" "$root/bin/.openclaw-new" "$root/bin/.openclaw-old"
exit 0

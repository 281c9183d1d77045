# Removes what an update keeps for its rollback. Variables: those of places.sh.
# Cut in the middle, the rest must not pass for a way back.
rm -f "$kept/.complete"
rm -rf "$staging" "$kept" "$root/bin/.openclaw-new" "$root/bin/.openclaw-old"
exit 0

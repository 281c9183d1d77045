# Removes what an update keeps for its rollback. Variables: those of places.sh.
rm -rf "$staging" "$kept" "$root/bin/.openclaw-new" "$root/bin/.openclaw-old"
exit 0

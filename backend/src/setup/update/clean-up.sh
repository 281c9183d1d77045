# Removes what an update keeps for its rollback. Variables: those of places.sh, ROLLED_BACK (yes after one).
sync
# Then what is there is not of this one.
if is_of_another; then exit 0; fi
# What keeping the old one needs on a full disk.
remove "$room"
# Between the snapshot of it and the stop people and agents went on: nothing else has what they did.
if [ -f "$kept/.whole" ]; then
  place=$( (umask 077 && mkdir -p "$aside" && touch "$aside/.buoy") && mktemp -d "$aside/XXXXXX") && rename "$kept" "$place/left" || exit 50
  rm -f "$place/left/.complete" "$place/left/.whole" "$place/left/.buoy"
  echo "What was there before, $(du -sh "$aside" 2>/dev/null | cut -f 1), is in $aside until the next update or restore."
fi
# Cut in the middle, the rest must not pass for a way back.
if has_kept; then rm -f "$kept/.complete"; fi
[ ! -e "$staging/old" ] || mv "$staging/old" "$staging/gone-$$"
remove_marked "$kept"
remove "$staging" "$copy" "$unpacked" "$root/bin/.openclaw-new" "$root/bin/.openclaw-old"
for left in "$staging" "$copy" "$copy.gone" "$unpacked"; do
  if [ -e "$left" ]; then echo "$left could not be removed. It may hold keys: remove it by hand."; fi
done
# Most of its compiled code is of a version that is gone; the next start makes what it needs.
[ "$FROM" = "$OPENCLAW_VERSION" ] || rm -rf "$compile_cache"
# What a version wrote that served people for a while is theirs.
if [ "$ROLLED_BACK" = yes ] && [ -d "$aside" ]; then echo "What was undone is in $aside until the next update or restore."; fi
exit 0

# Puts the old version and its state back; the gateway is down. It can be run again after it was cut, and removes no state. Variables: those of
# places.sh.
main() {
  expect_stopped
  end_if_nothing_is_in_place
  remove "$copy" "$room"
  # A restore that was cut before it moved anything.
  if [ ! -e "$kept" ]; then rm -f "$STATE/.buoy" "$STATE/.whole" "$STATE/.complete"; fi
  # A new version that never left its staging has not run, and what is in OpenClaw's folder is of the old one.
  if [ -d "$staging/old" ] && has_kept && [ ! -d "$staging/new/lib/node_modules/openclaw" ]; then
    touch "$kept/.swapped" && sync || stop 50 "$kept cannot be written."
  fi
  if [ -d "$staging/old/package" ]; then
    if [ -e "$PACKAGE" ]; then
      rename "$PACKAGE" "$staging/undone-$$" 2>/dev/null || rm -rf "$PACKAGE" || stop 50 'The new version could not be moved away.'
    fi
    # Never by a copy: half of one would pass for the old version.
    rename "$staging/old/package" "$PACKAGE" || stop 50 'The old version could not be moved back.'
  fi
  if [ -e "$staging/old/command" ] || [ -L "$staging/old/command" ]; then
    cp -P "$staging/old/command" "$root/bin/.openclaw-old" && mv -f "$root/bin/.openclaw-old" "$root/bin/openclaw" ||
      stop 50 'The command of the old version could not be put back.'
  fi
  if has_kept && [ -f "$kept/.whole" ]; then
    [ "$(version_at "$PACKAGE")" = "$FROM" ] || stop 56 "OpenClaw $FROM is not in its place."
    if [ -e "$STATE" ] || [ -L "$STATE" ]; then
      carry "$STATE" "$kept"
      put_aside || stop 50 "$STATE could not be moved out of the way."
    fi
    rename "$kept" "$STATE" || stop 50 "$kept could not be moved back."
    rm -f "$STATE/.buoy" "$STATE/.whole" "$STATE/.complete" "$STATE/.swapped"
  elif has_kept && [ -f "$kept/.swapped" ]; then
    [ "$(version_at "$PACKAGE")" = "$FROM" ] || stop 56 "OpenClaw $FROM is not in its place."
    place=$( (umask 077 && mkdir -p "$aside" && touch "$aside/.buoy") && mktemp -d "$aside/XXXXXX") || stop 50 "$aside cannot be created."
    if [ ! -f "$kept/.cleared" ]; then
      mkdir "$place/left" "$place/way" || stop 50 "$aside cannot be created."
      # What cannot be moved, such as a folder of another account, the new version could not change either.
      move_entries "$STATE" "$place/left" "$place/way"
      case $? in 0 | 1) ;; *) stop 50 "$STATE could not be cleared." ;; esac
      touch "$kept/.cleared" || stop 50 "$kept cannot be written."
    fi
    move_entries "$kept" "$STATE" "$place"
    case $? in
      0) ;;
      1)
        sync
        stop 53 "What is left in $kept could not be put back."
        ;;
      *) stop 50 "$STATE could not be put back." ;;
    esac
  fi
  remove "$unpacked"
  sync
  echo "OpenClaw $(version_at "$PACKAGE") is back in place."
}
main </dev/null

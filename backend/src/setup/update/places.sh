# Where an update, or a restore, keeps its things. Variables: PACKAGE (the folder of the package), NODE (the Node that runs it), STATE (OpenClaw's
# folder), TASK, FROM (the version that is there), OPENCLAW_VERSION (the one that comes). Behind find-openclaw.sh, installer.sh and archives.sh.
# Behind owned.sh, rename.sh and remove.sh as well. Exit codes: 50 something could not be copied or moved, 53 not all could be put back, 54 the gateway could not be stopped, 55 another update is at
# work, 56 OpenClaw was replaced meanwhile, 57 another account owns what would run.
# installer.sh looks first in a folder of its own, and whose that is, is not known here.
PATH=${PATH#"$root/bin:"}
modules=$(dirname "$PACKAGE")
root=${modules%/lib/node_modules}
npm=$(PATH=$(dirname "$NODE"):$PATH; command -v npm)

expect_owned "$NODE" "$(there "$STATE")" "$(there "$PACKAGE/package.json")" "$(there "$root/bin/openclaw")"
expect_unshared "$STATE" "$(dirname "$STATE")" "$modules" "$root" "$root/bin" "$(dirname "$NODE")"
PATH=$(dirname "$NODE"):$PATH
# Beside the package, so that a swap is a rename. It holds the new version, then the old one, and in the file task whose it is.
staging=$modules/.update-openclaw
# OpenClaw's folder as it was before the new version first started. It holds keys. Its marks: .complete, all is copied and on the disk;
# .swapped, the new version may have run; .cleared, what that left is out of the way; .buoy, no person has made it; .whole, it is the folder itself, which
# a restore has moved.
kept=$STATE.before-update
# The copy until it is complete.
copy=$kept.$TASK
# What a rollback needs on a full disk. It is written before the gateway is stopped.
room=$copy.room
# A snapshot beside OpenClaw's folder, for a restore: in state, what becomes that folder.
unpacked=$copy.unpacked
# What a new version left in OpenClaw's folder before it was undone: people may have talked to it. The next update removes it.
aside=$STATE.failed-update
# One that a person made meanwhile stays.
if [ -e "$aside" ] && [ ! -f "$aside/.buoy" ]; then aside=$aside.$TASK; fi

# The entries of OpenClaw's folder that a new version may change. Workspaces belong to people and are in the snapshot; caches and logs can go.
entries() {
  [ -r "$1" ] && [ -x "$1" ] || return 1
  (
    cd "$1" || exit 1
    for entry in * .[!.]* ..?*; do
      case $entry in workspace | workspace-* | cache | logs | .complete | .swapped | .cleared | .buoy | .whole) continue ;; esac
      if [ -e "$entry" ] || [ -L "$entry" ]; then printf '%s\n' "$entry"; fi
    done
  )
}

changes_version() { [ "$FROM" != "$OPENCLAW_VERSION" ]; }

# The lines before the script have stopped the gateway: an earlier stop may have been undone since, by a reboot or a person.
expect_stopped() { [ "$stopped" = 0 ] || stop 54 'The gateway could not be stopped.'; }

# One server may stand in Buoy twice, and the one that stages removes what another has staged.
is_of_another() { case $(cat "$staging/task" 2>/dev/null) in '' | "$TASK") return 1 ;; esac; }

expect_own() { [ "$(cat "$staging/task" 2>/dev/null)" = "$TASK" ] || stop 55 'Another update has begun on this server, or what this one staged is gone.'; }

# An update whose staging was replaced has not swapped: an old version or a copy that is there is of the other one, which is at work with them.
end_if_nothing_is_in_place() {
  is_of_another || return 0
  if [ -e "$staging/old" ] || [ -e "$kept" ]; then stop 55 'Another update is at work on this server.'; fi
  remove "$copy" "$unpacked" "$room"
  echo 'Nothing of this update is in place.'
  exit 0
}

# What is kept is whole, and this login has made it by an update.
has_kept() { [ -f "$kept/.complete" ] && [ -f "$kept/.buoy" ] && [ ! -L "$kept" ] && [ "$(stat -c %u "$kept")" = "$(id -u)" ]; }

# remove_marked FOLDER: one of a person, without the mark, stays. Under a name that every update removes, so that a rest of it does not pass for theirs.
remove_marked() {
  [ -e "$1" ] || [ -L "$1" ] || return 0
  [ -f "$1/.buoy" ] || { echo "$1 is not of an update, so it stays." >&2; return 1; }
  remove "$copy.gone" && rename "$1" "$copy.gone" && remove "$copy.gone"
}

# put_aside: what is in the place of OpenClaw's folder gets out of the way, and nothing of it is lost.
put_aside() {
  place=$( (umask 077 && mkdir -p "$aside" && touch "$aside/.buoy") && mktemp -d "$aside/XXXXXX") || return 1
  take_away "$STATE" "$place/left"
}

# carry FROM TO: moves what no archive has, since it can be made again: downloaded runtimes and packages, caches and logs.
carry() {
  for entry in dev git npm npm-runtime tools cache logs; do
    if [ -d "$1/$entry" ] && [ ! -e "$2/$entry" ] && [ ! -L "$2/$entry" ]; then rename "$1/$entry" "$2/$entry"; fi
  done
  for packages in "$1"/extensions/*/node_modules; do
    plugin=extensions/$(basename "$(dirname "$packages")")
    [ -d "$packages" ] && [ -d "$2/$plugin" ] && [ ! -e "$2/$plugin/node_modules" ] || continue
    # Those of another version of the plugin would not fit.
    if cmp -s "$1/$plugin/package.json" "$2/$plugin/package.json"; then rename "$packages" "$2/$plugin/node_modules"; fi
  done
  return 0
}

# copy_entries FROM TO
copy_entries() {
  list=$(entries "$1") || return 1
  printf '%s\n' "$list" | while IFS= read -r entry; do
    [ -n "$entry" ] || continue
    cp -a "$1/$entry" "$2/" || exit 1
  done
}

# move_entries FROM TO AWAY: by renames, which need no room; what is in the way goes to AWAY. Goes on past what cannot be moved. 1: something is left;
# another status: it did not get to its end.
move_entries() {
  list=$(entries "$1") || return 2
  printf '%s\n' "$list" | {
    left=0
    while IFS= read -r entry; do
      [ -n "$entry" ] || continue
      if [ -e "$2/$entry" ] || [ -L "$2/$entry" ]; then mv "$2/$entry" "$3/$entry"; fi
      if [ -e "$2/$entry" ] || [ -L "$2/$entry" ] || ! mv "$1/$entry" "$2/$entry"; then
        echo "$1/$entry stays where it is." >&2
        left=1
      fi
    done
    [ "$left" = 0 ]
  }
}

version_at() { sed -n 's/^ *"version" *: *"\([^"]*\)".*/\1/p' "$1/package.json" 2>/dev/null | head -n 1; }

# Facts for an update of OpenClaw, as key=value lines; the last one is end=1. Variables: BINARY (the openclaw command), NODE (the Node that runs it),
# STATE (OpenClaw's folder), OPENCLAW_VERSION (exact or latest; empty: no other one is wanted), NPM_REGISTRY, VIA (who downloads: buoy asks the registry by
# itself).

mebibytes_free() { df -P -k "$1" 2>/dev/null | awk 'END { print int($4 / 1024) }'; }
mebibytes_in() { du -sk "$@" 2>/dev/null | awk '{ sum += $1 } END { print int(sum / 1024) }'; }

# as_mounted FOLDER: as the kernel writes it in the list of mounts.
as_mounted() {
  tab=$(printf '\t')
  printf '%s\n' "$1" | sed -e 's/\\/\\134/g' -e 's/ /\\040/g' -e "s/$tab/\\\\011/g"
}

main() {
  package=$(dirname "$(readlink -f "$BINARY")")
  # The command may lie in a folder of the package.
  [ -f "$package/package.json" ] || package=$(dirname "$package")
  modules=$(dirname "$package")
  # The gateway names its own folder, and what is copied and removed there is not its choice.
  STATE=$(readlink -f "$STATE")
  # What is said of it would be of another path.
  case $package$STATE in *"$line_end"*) say problem lineBreak; say end 1; return ;; esac
  say package "$package"
  say version "$(version_in "$package")"
  case $package in */lib/node_modules/openclaw) if [ ! -L "$package" ] && [ -f "$package/package.json" ]; then say byNpm yes; fi ;; esac
  say state "$STATE"
  if [ "$STATE" = "$(readlink -f "$HOME/.openclaw")" ]; then say ownState yes; fi
  # The copy for the way back lies beside the folder, from where it is renamed.
  beside=$(dirname "$STATE")
  if [ "$(stat -c %d "$STATE")" = "$(stat -c %d "$beside")" ] && [ -w "$beside" ]; then say movable yes; fi
  npm=$(dirname "$NODE")/npm
  [ -x "$npm" ] || npm=$(command -v npm)
  say npm "$npm"
  # What lies elsewhere is not in the copy, and a new version would change it for good. People link their skills, which it leaves alone.
  for link in "$STATE"/* "$STATE"/.[!.]* "$STATE"/state/* "$STATE"/agents/* "$STATE"/agents/*/*; do
    [ -L "$link" ] || continue
    case $link in "$STATE"/workspace* | "$STATE"/cache | "$STATE"/logs | "$STATE"/skills) continue ;; esac
    case $(readlink -f "$link") in "$STATE"/* | "$package" | "$package"/*) ;; *) say apart "$link"; break ;; esac
  done
  # Of -v, awk would read the backslashes.
  MOUNTED=$(as_mounted "$STATE") awk '
    BEGIN { state = ENVIRON["MOUNTED"] }
    index($5, state "/") == 1 && substr($5, length(state) + 1) !~ /^\/(workspace[^\/]*|cache|logs|skills)(\/|$)/ { print "apart=" $5; exit }
    $5 == state { mounted = 1 }
    END { if (mounted) print "mounted=yes" }
  ' /proc/self/mountinfo 2>/dev/null
  # What the update runs and changes must be out of reach of all other accounts: a program of theirs would run with the rights of the login.
  if find_owner_of_command "$BINARY" "$NODE" "$package/package.json" "${modules%/lib/node_modules}/bin" "$STATE/openclaw.json" ${npm:+"$npm"} && [ -z "$run_as" ]; then
    say owned yes
  else
    say end 1
    return
  fi
  root=${modules%/lib/node_modules}
  for folder in "$STATE" "$beside" "$modules" "$root" "$root/bin" "$(dirname "$NODE")"; do
    if is_shared "$folder"; then say shared "$folder"; fi
  done
  for folder in "$STATE.before-update" "$STATE.failed-update"; do
    if [ -e "$folder" ] && [ ! -f "$folder/.buoy" ]; then say foreign "$folder"; fi
  done
  if [ -w "$package" ] && [ -w "$modules" ] && [ -w "$root" ] && [ -w "$root/bin" ] && [ -x "$root/bin/openclaw" ]; then say writable yes; fi
  if [ -d "$modules/.update-openclaw/old/package" ] || [ -f "$STATE.before-update/.complete" ]; then say unfinished yes; fi
  # What an earlier update left goes first.
  staged=$(mebibytes_in "$modules"/.update-openclaw*)
  left=$(mebibytes_in "$STATE.before-update" "$STATE.before-update".tsk_* "$STATE.failed-update")
  # Which a snapshot alone leaves there.
  say asideSize "$(mebibytes_in "$STATE.failed-update")"
  if [ "$(df -P "$modules" | awk 'END { print $1 }')" = "$(df -P "$STATE" | awk 'END { print $1 }')" ]; then
    say sameDisk yes
    staged=$((staged + left))
    left=$staged
  fi
  say freeForPackage "$(($(mebibytes_free "$modules") + staged))"
  say freeForState "$(($(mebibytes_free "$STATE") + left))"
  say stateSize "$(du -sk "$STATE" 2>/dev/null | awk '{ print int($1 / 1024) + 1 }')"
  [ -n "$OPENCLAW_VERSION" ] || { say end 1; return; }
  if [ "$OPENCLAW_VERSION" = "$(version_in "$package")" ]; then
    say target "$OPENCLAW_VERSION"
    say end 1
    return
  fi
  if [ -z "$npm" ] || [ "$VIA" = buoy ]; then say end 1; return; fi
  if found=$(run_as_account 60 "$(dirname "$NODE")" "$npm" view "openclaw@$OPENCLAW_VERSION" version --registry "$NPM_REGISTRY/" --no-update-notifier 2>&1); then
    say target "$(printf '%s\n' "$found" | tail -n 1 | sed "s/.* //; s/'//g")"
  else
    case $found in *E404* | *ETARGET*) say problem version ;; *) say problem registry ;; esac
  fi
  say end 1
}
main </dev/null

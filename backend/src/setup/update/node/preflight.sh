# Facts for an update of the Node below ~/.local/openclaw or of its npm, as key=value lines; the last one is end=1. Variables: NODE (the Node that runs
# OpenClaw), OPENCLAW (its command), and those of unit.sh.

mebibytes_free() { df -P -k "$1" 2>/dev/null | awk 'END { print int($4 / 1024) }'; }

main() {
  root=$HOME/.local/openclaw
  case $HOME in *"$line_end"*) say end 1; return ;; esac
  say linked "$(node_version_at "$root/bin/node")"
  say running "$(node_version_at "$NODE")"
  say engines "$(engines_in "$(openclaw_folder "$OPENCLAW")")"
  # The folder of npm beside the Node whose commands the login has.
  folder=$(readlink -f "$root/bin/npm" 2>/dev/null)
  folder=${folder%/bin/npm-cli.js}
  say npm "$(package_version "$folder")"
  case $folder in "$(readlink -f "$root")"/node-v*/lib/node_modules/npm) say npmOfNode yes ;; esac
  # What the update runs and changes must be out of reach of all other accounts.
  if find_owner_of_command "$root/bin/node" "$root/bin/npm" "$OPENCLAW" && [ -z "$run_as" ]; then say owned yes; fi
  for place in "$root" "$root/bin"; do
    if is_shared "$place"; then say shared "$place"; fi
  done
  if [ -w "$root" ] && [ -w "$root/bin" ]; then say writable yes; fi
  if [ -n "$UNIT" ]; then
    named=$(unit_node)
    say unitNode "$named"
    say unitVersion "$(node_version_at "$named")"
    if [ "$MANAGER" = supervised ]; then say unitNames yes; say unitWritable yes; fi
    file=$(unit_property FragmentPath)
    # Systemd writes some characters otherwise than the shell, a unit without a file is made by something else, and a drop-in wins over the file.
    drop_ins=$(unit_property DropInPaths)
    # shellcheck disable=SC2086
    if [ -n "$named" ] && grep -qsF "$named" "$file" && ! { [ -n "$drop_ins" ] && grep -qs '^ *ExecStart *=' $drop_ins; }; then say unitNames yes; fi
    if [ "$MANAGER" != systemd-user ] || { find_owner_of_command "$file" && [ -z "$run_as" ] && [ -w "$(dirname "$(readlink -f "$file")")" ]; }; then
      say unitWritable yes
    fi
  fi
  say free "$(mebibytes_free "$root")"
  say end 1
}
main </dev/null

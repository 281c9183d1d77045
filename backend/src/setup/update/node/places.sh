# Where the Node of OpenClaw lies, and what names it. Variables: FROM and TO (its versions), LINKED (that of the commands before), TASK (the update),
# OPENCLAW (the openclaw command), and those of unit.sh. Behind owned.sh and unit.sh. Exit codes: those of installer.sh, 50 something could not be
# written, 54 the gateway could not be stopped, 57 another account owns what would run, 58 Node was replaced meanwhile, 59 the unit could not be
# changed, 60 OpenClaw does not start with it.
# installer.sh looks first in a folder whose owner is not known yet.
PATH=${PATH#"$root/bin:"}
expect_owned "$(there "$root/bin/node")" "$(there "$OPENCLAW")"
expect_unshared "$root" "$root/bin"
old=$root/node-v$FROM
new=$root/node-v$TO
was_there=no
if [ -e "$new/bin/node" ]; then was_there=yes; fi

# Where the gateway is to be stopped, the lines before the script have tried it.
expect_stopped() { [ "${stopped:-0}" = 0 ] || stop 54 'The gateway could not be stopped.'; }

# put_in_unit FROM TO: the unit names the Node in the folder TO in place of that in FROM, also in its PATH. It can be run again.
put_in_unit() {
  [ -n "$UNIT" ] || return 0
  # The supervisor starts the command of the login.
  [ "$MANAGER" != supervised ] || return 0
  named=$(readlink -f "$(unit_node)")
  case $named in
    "$(readlink -f "$1")/bin/node" | "$(readlink -f "$2")/bin/node") ;;
    *) stop 58 "The unit $UNIT starts $named by now." ;;
  esac
  file=$(readlink -f "$(unit_property FragmentPath)")
  [ -f "$file" ] || stop 59 "The unit $UNIT has no file."
  # Word by word: a pattern would read some of the characters that a folder may have. OpenClaw writes the folder without links.
  OLD=$1/ NEW=$2/ REAL_OLD=$(readlink -f "$root")/${1##*/}/ REAL_NEW=$(readlink -f "$root")/${2##*/}/ awk '
    function put(line, from, to,    at, done) {
      while ((at = index(line, from)) > 0) {
        done = done substr(line, 1, at - 1) to
        line = substr(line, at + length(from))
      }
      return done line
    }
    { print put(put($0, ENVIRON["OLD"], ENVIRON["NEW"]), ENVIRON["REAL_OLD"], ENVIRON["REAL_NEW"]) }
  ' "$file" >"$work/unit" && [ -s "$work/unit" ] || { stop_if_full; stop 59 "$file could not be read."; }
  if ! cmp -s "$work/unit" "$file"; then
    # By a rename: half a unit would start nothing.
    as_owner cp -p "$file" "$file.new" && as_owner tee "$file.new" <"$work/unit" >/dev/null && as_owner mv -f "$file.new" "$file" ||
      { stop_if_full; stop 59 "$file could not be written."; }
  fi
  control daemon-reload || stop 59 'systemd could not read the unit again.'
  named=$(readlink -f "$(unit_node)")
  [ "$named" = "$(readlink -f "$2/bin/node")" ] || stop 59 "The unit $UNIT still starts $named."
}

# link_commands VERSION
link_commands() {
  ln -sfn "../node-v$1/bin/node" "$root/bin/node" &&
    ln -sfn "../node-v$1/lib/node_modules/npm/bin/npm-cli.js" "$root/bin/npm" &&
    ln -sfn "../node-v$1/lib/node_modules/npm/bin/npx-cli.js" "$root/bin/npx" || { stop_if_full; stop 50 "The commands in $root/bin could not be written."; }
}

# starts_openclaw FOLDER: OpenClaw itself refuses a Node that it does not run on, or looks for another one.
starts_openclaw() {
  said=$(PATH=$1/bin:$PATH "$1/bin/node" "$(readlink -f "$OPENCLAW")" --version 2>&1) && case $said in *Retrying\ with*) false ;; esac
}

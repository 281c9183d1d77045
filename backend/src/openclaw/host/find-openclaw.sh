# Shared by the scripts beside it, after run-as.sh: finds the openclaw command, whose it is, and its version without starting Node (0.1 to 1 s for
# each start).

line_end='
'
# say KEY VALUE: its first line alone. Other accounts choose names of files, and a line break in one would begin a line of ours.
say() { printf '%s=%s\n' "$1" "${2%%"$line_end"*}"; }
say64() { printf '%s64=%s\n' "$1" "$(base64 | tr -d '\n')"; }

# others_in GID: the members of a group other than root, the login and run_as, one to a line; of a directory service only as far as it lists them.
others_in() {
  command -v getent >/dev/null 2>&1 || { echo unknown; return; }
  {
    getent group "$1" | cut -d: -f4 | tr ',' '\n'
    getent passwd | awk -F: -v gid="$1" '$4 == gid { print $1 }'
  } | grep -vx -e '' -e root -e "$(id -un 2>/dev/null || echo root)" -e "${run_as:-root}"
}

# More links than that lead in a circle; the kernel itself follows 40.
MAX_LINKS=100

# find_owner_of_command FILE…: sets run_as to the account other than root and the login that can replace what will run; empty for none. Fails
# when anyone can, and where the login may not run programs as that account.
# Looks at each folder and link on the way: the account of any of them chooses what lies behind it.
find_owner_of_command() {
  run_as=
  login=$(id -u)
  links=0
  while [ $# -gt 0 ]; do
    part=$1
    shift
    # The walk up ends at the root.
    case $part in /*) ;; *) return 1 ;; esac
    # With a slash behind it, a link would pass for the folder that it leads to.
    while [ "$part" != / ] && [ "$part" != "${part%/}" ]; do part=${part%/}; done
    while [ -n "$part" ]; do
      facts=$(stat -c '%u %a %g %U' "$part" 2>/dev/null) || return 1
      owner=${facts##* }
      case ${facts%% *}/$run_as in
        0/* | "$login"/*) ;;
        */ | */"$owner") run_as=$owner ;;
        *) return 1 ;;
      esac
      if [ -L "$part" ]; then
        links=$((links + 1))
        [ "$links" -le $MAX_LINKS ] || return 1
        target=$(readlink "$part") || return 1
        case $target in /*) ;; *) target=$(dirname "$part")/$target ;; esac
        set -- "$@" "$target"
      else
        mode=${facts#* }
        gid=${mode#* }
        gid=${gid%% *}
        mode=${mode%% *}
        # Open to everybody or to other members of its group, and not a folder such as /tmp in which each may touch only what is theirs.
        case $mode in
          [1357]???) ;;
          *[2367]) return 1 ;;
          *[2367]?) [ -z "$(others_in "$gid")" ] || return 1 ;;
        esac
      fi
      if [ "$part" = / ]; then part=; else part=$(dirname "$part"); fi
    done
  done
  find_switch
}

# is_shared FOLDER: other accounts may make new names in it. The sticky bit keeps from them only what is there already.
is_shared() { case $(stat -c %a "$1" 2>/dev/null) in [1357]?[2367]? | [1357]??[2367]) ;; *) return 1 ;; esac; }

# with_places FUNCTION HINT…: calls FUNCTION with each path at which the openclaw command may be, the hints first.
with_places() {
  called=$1
  shift
  "$called" "$@" "$(command -v openclaw 2>/dev/null)" \
    "$HOME"/.local/openclaw/bin/openclaw "$HOME"/.npm-global/bin/openclaw "$HOME"/.local/node*/bin/openclaw "$HOME"/.local/bin/openclaw "$HOME"/.openclaw/bin/openclaw \
    /opt/node*/bin/openclaw /usr/local/bin/openclaw /usr/bin/openclaw /usr/lib/node_modules/.bin/openclaw \
    "$HOME"/.nvm/versions/node/*/bin/openclaw "$HOME"/.local/share/fnm/node-versions/*/installation/bin/openclaw \
    "$HOME"/.volta/bin/openclaw "$HOME"/.local/share/pnpm/openclaw "$HOME"/.bun/bin/openclaw "$HOME"/bin/openclaw \
    /home/linuxbrew/.linuxbrew/bin/openclaw
}

first_program() {
  for candidate in "$@"; do
    case $candidate in
      /*) if [ -x "$candidate" ]; then binary=$candidate; return; fi ;;
    esac
  done
}

# find_openclaw HINT…: sets binary, an absolute path or nothing.
find_openclaw() {
  binary=
  with_places first_program "$@"
  # Last, since profiles can be slow: the PATH that a person gets at login.
  [ -n "$binary" ] ||
    binary=$(limit 3 "${SHELL:-/bin/sh}" -lc 'command -v openclaw' 2>/dev/null | grep '^/' | tail -n 1)
}

# package_version FOLDER: without starting Node.
package_version() { read_start "$1/package.json" | sed -n 's/^ *"version": *"\([^"]*\)".*/\1/p' | head -n 1; }

version_in() { read_start "$1/package.json" | grep -q '^ *"name": *"openclaw"' && package_version "$1"; }

# Of a file that another account may own: a pipe or a device in its place would be read without end.
read_start() { [ -f "$1" ] && limit 3 head -c 65536 "$1" 2>/dev/null; }

# describe_openclaw FILE NODE: sets version and node; NODE is what runs the gateway now, or empty.
describe_openclaw() {
  version='' node=''
  [ -n "$1" ] || return 0
  real=$(readlink -f "$1" 2>/dev/null)
  root=$(dirname "${real:-$1}")
  # What "env node" in the command would start.
  started=$(dirname "$1")/node
  [ -x "$started" ] || started=$(command -v node 2>/dev/null)
  version=$(version_in "$root") || version=$(version_in "$(dirname "$root")") ||
    version=$(find_owner_of_command "$1" ${started:+"$started"} && run_as_account 5 "$(dirname "$1")" "$1" --version 2>/dev/null | head -n 1)
  node=$(dirname "$1")/node
  [ -x "$node" ] || node=$2
  [ -x "$node" ] || node=$started
}

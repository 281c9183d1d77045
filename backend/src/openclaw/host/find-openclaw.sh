# Shared by the scripts beside it: finds the openclaw command and its version without starting Node (0.1 to 1 s for each start).
# POSIX shell, Debian to Alpine. The script itself is standard input, so callers end in: main "$@" </dev/null
export LC_ALL=C
PATH=$PATH:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin

say() { printf '%s=%s\n' "$1" "$2"; }

# limit SECONDS COMMAND…: a hung bus or a slow login shell must not delay the whole inspection.
limit() {
  seconds=$1
  shift
  if command -v timeout >/dev/null 2>&1; then timeout "$seconds" "$@"; else "$@"; fi
}

# others_in GID: the members of a group other than root, the login and the keeper, one to a line; of a directory service only as far as it lists them.
others_in() {
  command -v getent >/dev/null 2>&1 || { echo unknown; return; }
  {
    getent group "$1" | cut -d: -f4 | tr ',' '\n'
    getent passwd | awk -F: -v gid="$1" '$4 == gid { print $1 }'
  } | grep -vx -e '' -e root -e "$(id -un 2>/dev/null || echo root)" -e "${keeper:-root}"
}

# More links than that lead in a circle; the kernel itself follows 40.
MAX_LINKS=100

# keeper_of FILE…: sets keeper, the account other than root and the login that can replace what will run; empty for none. Fails when
# anyone can, and where a login without root may not run programs as that account.
# Looks at each folder and link on the way: the account of any of them chooses what lies behind it.
keeper_of() {
  keeper=
  login=$(id -u)
  links=0
  while [ $# -gt 0 ]; do
    part=$1
    shift
    # With a slash behind it, a link would pass for the folder that it leads to.
    while [ "$part" != / ] && [ "$part" != "${part%/}" ]; do part=${part%/}; done
    while [ -n "$part" ]; do
      facts=$(stat -c '%u %a %g %U' "$part" 2>/dev/null) || return 1
      owner=${facts##* }
      case ${facts%% *}/$keeper in
        0/* | "$login"/*) ;;
        */ | */"$owner") keeper=$owner ;;
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
  [ -z "$keeper" ] || [ "$login" = 0 ] || limit 3 sudo -n -u "$keeper" true >/dev/null 2>&1
}

# as_keeper SECONDS FOLDER COMMAND…: runs a program checked by keeper_of with no more rights than the account that can replace it. FOLDER, of
# its Node, is the first in its PATH alone: what this script itself runs from there would be a program of that account with other rights.
as_keeper() {
  seconds=$1
  first=$2
  shift 2
  if [ -z "$keeper" ]; then limit "$seconds" env "PATH=$first:$PATH" "$@"; return; fi
  home=$(getent passwd "$keeper" 2>/dev/null | cut -d: -f6)
  cd / || return
  # sudo drops all other variables.
  set -- env "HOME=${home:-/}" "PATH=$first:$PATH" ${OPENCLAW_GATEWAY_PORT:+"OPENCLAW_GATEWAY_PORT=$OPENCLAW_GATEWAY_PORT"} "$@"
  # Within sudo: its own process is one of root, which the login could not end.
  if command -v timeout >/dev/null 2>&1; then set -- timeout "$seconds" "$@"; fi
  if [ "$(id -u)" != 0 ]; then
    sudo -n -u "$keeper" -- "$@"
  elif command -v runuser >/dev/null 2>&1; then
    runuser -u "$keeper" -- "$@"
  else
    # After --: su would take the options of the command for its own.
    # shellcheck disable=SC2016
    su -s /bin/sh -c 'exec "$@"' -- "$keeper" sh "$@"
  fi
}

# find_openclaw HINT…: sets binary, an absolute path or nothing.
find_openclaw() {
  binary=
  for candidate in "$@" "$(command -v openclaw 2>/dev/null)" \
    "$HOME"/.npm-global/bin/openclaw "$HOME"/.local/node*/bin/openclaw "$HOME"/.local/bin/openclaw "$HOME"/.openclaw/bin/openclaw \
    /opt/node*/bin/openclaw /usr/local/bin/openclaw /usr/bin/openclaw /usr/lib/node_modules/.bin/openclaw \
    "$HOME"/.nvm/versions/node/*/bin/openclaw "$HOME"/.local/share/fnm/node-versions/*/installation/bin/openclaw \
    "$HOME"/.volta/bin/openclaw "$HOME"/.local/share/pnpm/openclaw "$HOME"/.bun/bin/openclaw "$HOME"/bin/openclaw \
    /home/linuxbrew/.linuxbrew/bin/openclaw; do
    case $candidate in
      /*) if [ -x "$candidate" ]; then binary=$candidate; return; fi ;;
    esac
  done
  # Last, since profiles can be slow: the PATH that a person gets at login.
  binary=$(limit 3 "${SHELL:-/bin/sh}" -lc 'command -v openclaw' 2>/dev/null | grep '^/' | tail -n 1)
}

version_in() {
  [ -r "$1/package.json" ] && grep -q '^ *"name": *"openclaw"' "$1/package.json" &&
    sed -n 's/^ *"version": *"\([^"]*\)".*/\1/p' "$1/package.json" | head -n 1
}

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
    version=$(keeper_of "$1" ${started:+"$started"} && as_keeper 5 "$(dirname "$1")" "$1" --version 2>/dev/null | head -n 1)
  node=$(dirname "$1")/node
  [ -x "$node" ] || node=$2
  [ -x "$node" ] || node=$started
}

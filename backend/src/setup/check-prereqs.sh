# What a host has of all that OpenClaw needs, after the shared parts in openclaw/host. Changes nothing.
# $1: the gateway's port in four hex digits. $2, $4: where npm packages and Node are downloaded from; $3, $5: their host names, empty for an
# address; $4 and $5 are empty where Node is an npm package too. $6: the openclaw command that is known, or empty. Prints key=value lines; keys that end in 64 hold base64. The last is end=1.

# Listeners and installations beyond these are counted by nobody.
MAX_LISTENERS=10
MAX_INSTALLATIONS=5

one_line() { head -n 1 | cut -c1-300; }

system_facts() {
  # shellcheck source=/dev/null
  os=$( (. /etc/os-release && printf %s "$PRETTY_NAME") 2>/dev/null)
  printf %s "${os:-$(uname -sr)}" | one_line | say64 os
  say kernel "$(uname -s)"
  say arch "$(uname -m)"
  libc=$(getconf GNU_LIBC_VERSION 2>/dev/null) || libc=$(ldd --version 2>&1 | head -n 2 | tr '\n' ' ')
  printf %s "$libc" | one_line | say64 libc
  if [ -d /run/systemd/system ]; then say init systemd
  elif [ -d /run/openrc ]; then say init openrc
  else say init none; fi
  sed 's/^/process1=/; q' /proc/1/comm 2>/dev/null
}

# mount_options FOLDER: of the file system that holds it.
mount_options() {
  at=$(df -P "$1" 2>/dev/null | awk 'END { print $6 }')
  awk -v at="$at" '$2 == at { options = $4 } END { print options }' /proc/mounts 2>/dev/null
}

account_facts() {
  say login "$(id -un 2>/dev/null || id -u)"
  say uid "$(id -u)"
  say home "$HOME"
  say shell "$SHELL"
  if [ -d "$HOME" ]; then say homeThere yes; fi
  if [ -w "$HOME" ]; then say homeWritable yes; fi
  case ,$(mount_options "$HOME"), in *,noexec,*) say noexec yes ;; esac
  # Setup installs below it; a command with sudo may have left it, or a folder on the way, to root.
  prefix=$HOME/.local/openclaw
  while [ ! -e "$prefix" ] && [ "$prefix" != "$HOME" ]; do prefix=${prefix%/*}; done
  if [ -e "$prefix" ] && [ ! -w "$prefix" ]; then say unwritable "$prefix"; fi
  say sudo "$(sudo_kind)"
  df -P -k "$HOME" 2>/dev/null | awk 'END { printf "diskKiB=%s\ndiskFreeKiB=%s\n", $2, $4 }'
  # A file system without a fixed number of inodes has none in all.
  df -P -i "$HOME" 2>/dev/null | awk 'END { printf "inodes=%s\ninodesFree=%s\n", $2, $4 }'
}

# group_files ROOT GROUP FILE: that file of the group and of each group around it.
group_files() {
  group=$2
  while :; do
    printf '%s\n' "$1${group%/}/$3"
    [ -n "${group%/}" ] || return 0
    group=${group%/*}
  done
}

memory_facts() {
  awk '/^MemTotal:/ { print "memoryKiB=" $2 } /^SwapTotal:/ { print "swapKiB=" $2 }' /proc/meminfo 2>/dev/null
  unified=$(sed -n 's/^0:://p' /proc/self/cgroup 2>/dev/null)
  legacy=$(sed -n 's/^[0-9]*:\([^:]*,\)\{0,1\}memory\(,[^:]*\)\{0,1\}://p' /proc/self/cgroup 2>/dev/null)
  {
    group_files /sys/fs/cgroup "$unified" memory.max
    group_files /sys/fs/cgroup/memory "$legacy" memory.limit_in_bytes
  } | while read -r file; do cat "$file" 2>/dev/null; done |
    awk '/^[0-9]+$/ && (least == "" || $1 + 0 < least) { least = $1 + 0 } END { if (least != "") printf "memoryLimitKiB=%.0f\n", least / 1024 }'
}

# Who listens on the port, as the kernel's tables show it: "uid pid gateway account program", pid 0 where the login may not see the process.
port_facts() {
  set -- "$1" /proc/net/tcp
  # Absent where IPv6 is off.
  if [ -e /proc/net/tcp6 ]; then set -- "$@" /proc/net/tcp6; fi
  port=$1
  shift
  rows=$(awk -v "port=:$port" 'substr($2, length($2) - 4) == port && $4 == "0A" { print $8, $10 }' "$@" 2>/dev/null) || return 0
  say tables 1
  [ -n "$rows" ] || return 0
  # shellcheck disable=SC2012 # names in these folders are numbers
  sockets=$(ls -ln /proc/[0-9]*/fd 2>/dev/null |
    awk '/^\/proc\// { pid = $1; gsub(/[^0-9]/, "", pid) } / socket:\[[0-9]+\]$/ { gsub(/[^0-9]/, "", $NF); print $NF, pid }')
  printf '%s\n' "$rows" | head -n $MAX_LISTENERS | {
    number=0
    while read -r uid inode; do
      number=$((number + 1))
      pid=$(printf '%s\n' "$sockets" | sed -n "s/^$inode //p" | head -n 1)
      gateway=no
      case $(tr '\0' ' ' 2>/dev/null <"/proc/${pid:-none}/cmdline" | head -c 100) in openclaw-gateway*) gateway=yes ;; esac
      account=$(awk -F: -v uid="$uid" '$3 == uid { print $1; exit }' /etc/passwd 2>/dev/null)
      say "listener$number" "$uid ${pid:-0} $gateway ${account:-?} $(head -n 1 "/proc/${pid:-none}/comm" 2>/dev/null)"
    done
  }
}

# What a person gets at login: PATH and proxies, without running anything from that PATH.
read_login_shell() {
  # shellcheck disable=SC2016 # for the login shell
  login_environment=$(limit 5 "${SHELL:-/bin/sh}" -lc 'exec env' 2>/dev/null)
  login_path=$(of_login PATH)
  if [ -n "$login_path" ]; then say loginShell yes; else login_path=$PATH; fi
}
of_login() { printf '%s\n' "$login_environment" | sed -n "s/^$1=//p" | tail -n 1; }
# at_login PROGRAM: its path for that shell.
at_login() { (PATH=$login_path; command -v "$1" 2>/dev/null) | grep '^/' | head -n 1; }

# place_of URL: host and port alone, since the rest may hold a password.
place_of() { printf '%s\n' "$1" | sed 's,^[A-Za-z0-9+.-]*://,,; s,.*@,,; s,/.*,,'; }

proxy_facts() {
  for name in http_proxy https_proxy no_proxy; do
    upper=$(printf %s "$name" | tr a-z A-Z)
    value=$(of_login "$name")
    [ -n "$value" ] || value=$(of_login "$upper")
    [ -n "$value" ] || continue
    case $name in
      no_proxy) printf %s "$value" | one_line | say64 noProxy; no_proxy=$value; export no_proxy ;;
      # The probes below go the way that downloads will go.
      http_proxy) place_of "$value" | say64 httpProxy; http_proxy=$value; export http_proxy ;;
      https_proxy) place_of "$value" | say64 httpsProxy; https_proxy=$value; export https_proxy ;;
    esac
  done
  npm_proxy=$(sed -n 's/^ *\(https-\)\{0,1\}proxy *= *//p' "$HOME/.npmrc" 2>/dev/null | tail -n 1)
  if [ -n "$npm_proxy" ]; then place_of "$npm_proxy" | say64 npmProxy; fi
}

# resolve NAME HOST
resolve() {
  [ -n "$2" ] || return 0
  if command -v getent >/dev/null 2>&1; then
    address=$(limit 5 getent hosts "$2" 2>/dev/null | awk 'NR == 1 { print $1 }')
  elif command -v nslookup >/dev/null 2>&1; then
    address=$(limit 5 nslookup "$2" 2>/dev/null | awk '/^Name:/ { found = 1 } found && /^Address/ { sub(/^Address[^:]*: */, ""); print $1; exit }')
  else
    say "$1Resolver" none
    return 0
  fi
  say "$1Address" "$address"
}

# A program that does not take the URL of a proxy quotes it whole, with its password: then only its number is told.
without_urls() {
  awk '/:\/\/|@/ { print match($0, /^curl: \([0-9]+\)/) ? substr($0, 1, RLENGTH) : ""; next } { print }'
}

# probe NAME URL: the HTTP status, or why there is none.
probe() {
  [ -n "$2" ] || return 0
  if command -v curl >/dev/null 2>&1; then
    answer=$(limit 6 curl -sS -I -o /dev/null -w '\nstatus=%{http_code}\n' --connect-timeout 5 --max-time 5 "$2" 2>&1)
    status=$(printf '%s\n' "$answer" | sed -n 's/^status=\([1-9][0-9]*\)$/\1/p')
    why=$(printf '%s\n' "$answer" | grep '^curl: ' | one_line | without_urls)
    say "$1By" curl
  elif command -v wget >/dev/null 2>&1; then
    answer=$(limit 6 wget -S --spider -T 5 -t 1 "$2" 2>&1)
    status=$(printf '%s\n' "$answer" | sed -n 's,^ *HTTP/[0-9.]* \([0-9]\{3\}\).*,\1,p' | tail -n 1)
    why=$(printf '%s\n' "$answer" | grep . | tail -n 1 | one_line | without_urls)
    say "$1By" wget
  else
    say "$1By" none
    return 0
  fi
  say "$1Status" "$status"
  if [ -z "$status" ]; then printf %s "$why" | say64 "$1Error"; fi
}

node_facts() {
  node=$(at_login node)
  say nodePath "$node"
  if [ -n "$node" ]; then
    say nodeReal "$(readlink -f "$node" 2>/dev/null)"
    # Another account may own it: the login must not lend its rights.
    if find_owner_of_command "$node"; then
      say nodeVersion "$(run_as_account 5 "$(dirname "$node")" "$node" --version 2>/dev/null | one_line)"
    else
      say nodeTrusted no
    fi
  else
    for place in "$HOME"/.local/openclaw/bin/node "$HOME"/.local/node*/bin/node "$HOME"/.nvm/versions/node/*/bin/node \
      "$HOME"/.local/share/fnm/node-versions/*/installation/bin/node "$HOME"/.volta/bin/node /opt/node*/bin/node; do
      if [ -x "$place" ]; then say nodeElsewhere "$place"; break; fi
    done
  fi
  npm=$(at_login npm)
  say npmPath "$npm"
  if [ -n "$npm" ]; then
    npm=$(readlink -f "$npm" 2>/dev/null)
    say npmVersion "$(package_version "${npm%/bin/*}")"
  fi
}

# list_installations FILE…: each installation once, and what is left of one that is not whole.
list_installations() {
  found=0 seen=:
  for candidate in "$@"; do
    case $candidate in /*) ;; *) continue ;; esac
    if [ ! -e "$candidate" ]; then
      if [ -L "$candidate" ]; then say openclawDangling "$candidate"; fi
      continue
    fi
    [ -x "$candidate" ] || continue
    real=$(readlink -f "$candidate" 2>/dev/null)
    case $real in */node_modules/openclaw/*) package=${real%/node_modules/openclaw/*}/node_modules/openclaw ;; *) package=$real ;; esac
    case $seen in *":$package:"*) continue ;; esac
    seen=$seen$package:
    if [ -d "$package" ] && [ ! -e "$package/package.json" ]; then say openclawBroken "$package"; continue; fi
    found=$((found + 1))
    [ "$found" -le $MAX_INSTALLATIONS ] || continue
    say "installation$found" "$candidate"
    say "installationOwner$found" "$(stat -c %u "$package" 2>/dev/null)"
  done
  for package in "$HOME"/.npm-global/lib/node_modules/openclaw "$HOME"/.local/node*/lib/node_modules/openclaw \
    "$HOME"/.local/openclaw/lib/node_modules/openclaw "$HOME"/.local/lib/node_modules/openclaw \
    "$HOME"/.nvm/versions/node/*/lib/node_modules/openclaw /opt/node*/lib/node_modules/openclaw \
    /usr/local/lib/node_modules/openclaw /usr/lib/node_modules/openclaw; do
    [ -d "$package" ] || continue
    package=$(readlink -f "$package" 2>/dev/null)
    case $seen in *":$package:"*) ;; *) say openclawBroken "$package" ;; esac
  done
}

service_facts() {
  runtime=/run/user/$(id -u)
  if [ -d "$runtime" ]; then say runtimeFolder yes; fi
  if [ -S "$runtime/bus" ]; then say bus yes; fi
  if [ -d /run/systemd/system ] && XDG_RUNTIME_DIR=$runtime DBUS_SESSION_BUS_ADDRESS=unix:path=$runtime/bus \
    limit 3 systemctl --user show-environment >/dev/null 2>&1; then say userManager yes; fi
  for file in /usr/lib/systemd/user/dbus.socket /usr/lib/systemd/user/dbus-broker.service; do
    if [ -e "$file" ]; then say busUnit yes; fi
  done
  for file in /usr/lib/*/security/pam_systemd.so /usr/lib/security/pam_systemd.so /usr/lib64/security/pam_systemd.so \
    /lib/*/security/pam_systemd.so; do
    if [ -e "$file" ]; then say pamModule yes; fi
  done
  if command -v apt-get >/dev/null 2>&1; then say apt yes; fi
  if [ -e "/var/lib/systemd/linger/$(id -un)" ]; then say linger yes; fi
}

main() {
  say began "$(date +%s)"
  read_login_shell
  proxy_facts
  # The network's answers take longest.
  resolve registry "$3" &
  resolve mirror "$5" &
  probe registry "$2" &
  probe mirror "$4" &
  system_facts
  account_facts
  memory_facts
  port_facts "$1"
  node_facts
  with_places list_installations "$6" "$(at_login openclaw)"
  service_facts
  wait
  say ended "$(date +%s)"
  say end 1
}
main "$@" </dev/null

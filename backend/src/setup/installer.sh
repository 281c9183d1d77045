# Shared by the scripts beside it: they install below ~/.local/openclaw, for the account of the login alone. POSIX shell, Debian to Alpine.
# Exit codes, each a cause that a person can mend: 20 disk full, 21 registry, 22 checksum, 23 no such version, 24 no Node, 25 no OpenClaw,
# 26 no program that this needs, 27 what Buoy has sent is gone, 1 anything else.
umask 022
root=$HOME/.local/openclaw
PATH=$root/bin:$PATH:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
export PATH LC_ALL=C
# npm and OpenClaw would run compiled code from below /tmp, where another account may have put it. To write a cache of their own takes each of them
# seconds, and no later command of a setup would use much of it.
export NODE_DISABLE_COMPILE_CACHE=1
# Of the gateway, which starts again and again.
compile_cache=$HOME/.cache/node-compile-cache

# openclaw WORDS…: its command, with a gateway port on which only root can listen. Some commands ("models auth paste-api-key" of 2026.9.6) send the
# gateway's token to whoever listens on its port, and before the first start that may be any account.
openclaw() { OPENCLAW_GATEWAY_PORT=1 "$root/bin/openclaw" "$@"; }

# stop CODE SENTENCE
stop() {
  echo "$2" >&2
  exit "$1"
}

# A full disk breaks each program in its own way; what is left of it tells.
stop_if_full() {
  for folder in "$root" "${STATE:-$root}"; do
    left=$(df -P -k "$folder" 2>/dev/null | awk 'END { print $4 }')
    if [ "${left:-1000000}" -lt 20480 ]; then stop 20 "The disk is full: $((left / 1024)) MiB are left for $folder."; fi
  done
}

# Of one download, in blocks of 512 bytes: 1 GiB, ten times the longest. A mirror that never ends would fill the disk, and curl before 8.4 counts
# no answer without a length.
max_blocks=2097152

# fetch URL FILE: sets status to the HTTP status, 000 where there was none.
fetch() {
  if command -v curl >/dev/null 2>&1; then
    status=$(ulimit -f $max_blocks 2>/dev/null; curl -sSL --connect-timeout 15 --speed-limit 1000 --speed-time 60 --retry 2 -o "$2" -w '%{http_code}' "$1" 2>"$2.error")
    ended=$?
    # It quotes the URL of a proxy that it does not take, with its password: then only the number of the error is told.
    sed -e 's,^\(curl: ([0-9]*)\).*://.*,\1,' -e 's,^\(curl: ([0-9]*)\).*@.*,\1,' -e '\,://,d' -e '/@/d' "$2.error" >&2
    [ $ended -eq 0 ] || return 1
  elif command -v wget >/dev/null 2>&1; then
    status=$(ulimit -f $max_blocks 2>/dev/null; wget -T 60 -S -O "$2" "$1" 2>&1 | sed -n 's,^ *HTTP/[0-9.]* \([0-9]*\).*,\1,p' | tail -n 1)
  else
    stop 26 'Neither curl nor wget is installed.'
  fi
  [ "$status" = 200 ]
}

# download URL FILE: stops where it cannot be had.
download() {
  status=000
  fetch "$1" "$2" && fetched=yes || fetched=no
  if [ -f "$2" ] && [ "$(wc -c <"$2")" -ge $((max_blocks * 512)) ]; then
    stop 21 "$1 is longer than any real download, so it was ended."
  fi
  [ $fetched = no ] || return 0
  stop_if_full
  case $status in
    404) stop 23 "There is nothing at $1." ;;
    *) stop 21 "Could not download $1 (HTTP $status)." ;;
  esac
}

# json_text NAME: the first text of that name in the JSON on standard input.
json_text() { tr -d '\n' | sed 's/"'"$1"'" *: *"/\n&/' | sed -n 's/^"'"$1"'" *: *"\([^"]*\)".*/\1/p' | head -n 1; }

hex_of_base64() { base64 -d | od -An -v -tx1 | tr -d ' \n'; }

# check_sum PROGRAM FILE HEX
check_sum() {
  command -v "$1" >/dev/null 2>&1 || stop 26 "$1 is not installed."
  sum=$("$1" <"$2" | cut -d ' ' -f 1)
  [ "$sum" = "$3" ] || stop 22 "The checksum of $(basename "$2") is $sum, but should be $3."
}

# package_file NAME VERSION FILE: downloads a package of the npm registry, checked against the registry's own SHA-512.
package_file() {
  download "$NPM_REGISTRY/$1/$2" "$work/package.json"
  url=$(json_text tarball <"$work/package.json")
  integrity=$(json_text integrity <"$work/package.json")
  case $integrity in sha512-*) ;; *) stop 21 "The registry names no SHA-512 for $1." ;; esac
  download "$url" "$3"
  check_sum sha512sum "$3" "$(printf %s "${integrity#sha512-}" | hex_of_base64)"
}

# newest_of LINE: the newest exact version of a line such as 24 among those on standard input, one to a line.
newest_of() { grep -E "^$1(\.[0-9]+)*$" | sort -t . -k 1,1n -k 2,2n -k 3,3n | tail -n 1; }

# Puts the folder of the commands into the PATH of login shells.
add_to_path() {
  line="export PATH=\"\$HOME/.local/openclaw/bin:\$PATH\" # OpenClaw"
  for file in "$HOME/.profile" "$HOME/.bash_profile" "$HOME/.bash_login" "$HOME/.zprofile"; do
    [ -f "$file" ] || [ "$file" = "$HOME/.profile" ] || continue
    grep -qF "$line" "$file" 2>/dev/null || printf '\n%s\n' "$line" >>"$file"
  done
}

begin() {
  mkdir -p "$root/bin" || { stop_if_full; stop 1 "$root cannot be created."; }
  # Leftovers of killed runs.
  for left in "$root"/.work-*; do
    # In a container, this run may have the id of the one that left it.
    case ${left##*-} in $$) rm -rf "$left" ;; esac
    if [ -e "$left" ] && ! kill -0 "${left##*-}" 2>/dev/null; then rm -rf "$left"; fi
  done
  work=$root/.work-$$
  # Its logs may quote what only this account may read.
  (umask 077 && mkdir "$work") || { stop_if_full; stop 1 "$root cannot be written."; }
  trap 'rm -rf "$work"' EXIT
}

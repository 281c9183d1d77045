# Facts for an update of Ollama, as key=value lines; the last one is end=1.

mebibytes_free() { df -P -k "$1" 2>/dev/null | awk 'END { print int($4 / 1024) }'; }

# A package manager has installed it, and its next update would put its own version back.
is_packaged() {
  { command -v dpkg && dpkg -S "$1"; } >/dev/null 2>&1 || { command -v rpm && rpm -qf "$1"; } >/dev/null 2>&1 ||
    { command -v pacman && pacman -Qo "$1"; } >/dev/null 2>&1
}

main() {
  say version "$(ollama_version)"
  # Its installer takes the first of these.
  for place in /usr/local /usr; do
    [ -x "$place/bin/ollama" ] || continue
    say place "$place"
    if is_packaged "$place/bin/ollama"; then say packaged yes; fi
    say size "$(du -sk "$place/lib/ollama" 2>/dev/null | awk '{ print int($1 / 1024) + 1 }')"
    say free "$(mebibytes_free "$place")"
    break
  done
  say unitFile "$(limit 5 systemctl show ollama.service -p FragmentPath 2>/dev/null | sed -n 's/^FragmentPath=//p')"
  say sudo "$(sudo_kind)"
  say end 1
}
main </dev/null

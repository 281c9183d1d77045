# Prints system facts of a host as key=value lines; the last one is end=1.

main() {
  # shellcheck source=/dev/null
  os=$( (. /etc/os-release && printf %s "$PRETTY_NAME") 2>/dev/null)
  say os "${os:-$(uname -sr)}"
  say arch "$(uname -m)"
  say sudo "$(sudo_kind)"
  if [ -d /run/systemd/system ]; then say systemd yes; else say systemd no; fi
  say end 1
}
main "$@" </dev/null

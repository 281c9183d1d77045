# Asks Telegram whose token BOT_TOKEN is, from where OpenClaw will use it, and prints the answer. Variables: API_ROOT, BOT_TOKEN. Exit code 26: neither
# curl nor GNU wget is installed. The token is in the address, which goes through a pipe: other accounts see the words of a command.

ask() {
  address=$API_ROOT/bot$BOT_TOKEN/getMe
  if [ "$1" = curl ]; then
    printf 'url = "%s"\n' "$address" | curl -sS --max-time 15 -K - 2>/dev/null
  else
    printf '%s\n' "$address" | wget -q -T 15 -t 1 --content-on-error -O - -i - 2>/dev/null
  fi
}

main() {
  if command -v curl >/dev/null 2>&1; then
    program=curl
  elif wget --version >/dev/null 2>&1; then
    program=wget
  else
    exit 26
  fi
  ask "$program" | head -c 65536
}
main

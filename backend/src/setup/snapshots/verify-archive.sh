# Sees whether an archive is still what it was, and whether OpenClaw can read it. `$1` its id, `$2` its SHA-256, `$3` the openclaw command, `$4` its Node.
# Behind find-openclaw.sh and archives.sh. Its last line is the answer.
has_archive "$1.tar.gz" || { echo gone; exit 0; }
[ "$(sum_of "$snapshots/$1.tar.gz")" = "$2" ] || { echo changed; exit 0; }
if find_owner_of_command "$3" "$4" && [ -z "$run_as" ]; then
  PATH=$(dirname "$4"):$PATH
  export PATH
  NODE_DISABLE_COMPILE_CACHE=1 OPENCLAW_GATEWAY_PORT=1 "$3" backup verify "$snapshots/$1.tar.gz" --json >/dev/null 2>&1 && echo ok || echo unreadable
else
  echo foreign
fi

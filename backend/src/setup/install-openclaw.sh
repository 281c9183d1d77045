# Installs OpenClaw OPENCLAW_VERSION (exact or latest) from NPM_REGISTRY into ~/.local/openclaw, by the Node there, and starts it once.

# fits VERSION: OpenClaw runs on Node 24.16 and later of that line, and from 26.1 on (its package.json, 2026.9.6).
fits() {
  major=${1%%.*}
  minor=${1#*.}
  minor=${minor%%.*}
  [ "$major" -eq 24 ] && [ "$minor" -ge 16 ] || [ "$major" -eq 26 ] && [ "$minor" -ge 1 ] || [ "$major" -gt 26 ]
}

# Turns what npm says into a cause.
npm_failed() {
  tail -n 40 "$work/npm.log" >&2
  if grep -qE 'ENOSPC|No space left' "$work/npm.log"; then stop 20 'The disk is full.'; fi
  stop_if_full
  if grep -qE 'EINTEGRITY' "$work/npm.log"; then stop 22 'A package does not have the checksum that the registry names.'; fi
  if grep -qE 'ETARGET|E404|No matching version' "$work/npm.log"; then stop 23 "The registry has no OpenClaw $OPENCLAW_VERSION."; fi
  if grep -qE 'EBADENGINE|requires Node' "$work/npm.log"; then stop 24 'OpenClaw needs another version of Node.'; fi
  if grep -qE 'ENOTFOUND|ETIMEDOUT|ECONNREFUSED|ECONNRESET|EAI_AGAIN|ERR_SOCKET_TIMEOUT|E50[0-9]|EIDLETIMEOUT|network' "$work/npm.log"; then
    stop 21 'The registry could not be reached, or broke off.'
  fi
  stop 1 'npm could not install OpenClaw.'
}

main() {
  node=$("$root/bin/node" --version 2>/dev/null) || stop 24 'Node is not installed here yet.'
  fits "${node#v}" || stop 24 "OpenClaw does not run on Node ${node#v}."
  begin
  package=$root/lib/node_modules/openclaw
  # A killed installation leaves a folder without its package.json, and npm's half-moved copies.
  if [ -e "$package" ] && [ ! -f "$package/package.json" ]; then rm -rf "$package"; fi
  rm -rf "$root"/lib/node_modules/.openclaw-*
  echo "Installing OpenClaw $OPENCLAW_VERSION: some 330 packages, 650 MB …"
  "$root/bin/npm" install --global --prefix "$root" --registry "$NPM_REGISTRY/" --allow-scripts=openclaw --no-audit --no-fund \
    --no-update-notifier --loglevel=notice "openclaw@$OPENCLAW_VERSION" >"$work/npm.log" 2>&1 || npm_failed
  # The first start finishes the installation; another account could not.
  started=$("$root/bin/openclaw" --version 2>&1) || { echo "$started" >&2; stop_if_full; stop 1 'OpenClaw does not start.'; }
  add_to_path
  echo "$started is installed in $root."
}
main </dev/null

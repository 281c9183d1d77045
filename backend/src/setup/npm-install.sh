# Installs the npm package openclaw. Variables: OPENCLAW_VERSION (exact or latest), NPM_REGISTRY, and npm, the command. Behind installer.sh.

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

prepare_npm() { :; }
# run_npm WORDS…
run_npm() { "$npm" "$@"; }

# install_package PREFIX
install_package() {
  prepare_npm
  run_npm install --global --prefix "$1" --registry "$NPM_REGISTRY/" --allow-scripts=openclaw --no-audit --no-fund \
    --no-update-notifier --loglevel=notice "openclaw@$OPENCLAW_VERSION" >"$work/npm.log" 2>&1 || npm_failed
}

# Installs OpenClaw OPENCLAW_VERSION (exact or latest) from NPM_REGISTRY into ~/.local/openclaw, by the Node there, and starts it once.

# fits VERSION: OpenClaw runs on Node 24.16 and later of that line, and from 26.1 on (its package.json, 2026.9.6).
fits() {
  major=${1%%.*}
  minor=${1#*.}
  minor=${minor%%.*}
  [ "$major" -eq 24 ] && [ "$minor" -ge 16 ] || [ "$major" -eq 26 ] && [ "$minor" -ge 1 ] || [ "$major" -gt 26 ]
}

main() {
  node=$("$root/bin/node" --version 2>/dev/null) || stop 24 'Node is not installed here yet.'
  fits "${node#v}" || stop 24 "OpenClaw does not run on Node ${node#v}."
  begin
  npm=$root/bin/npm
  package=$root/lib/node_modules/openclaw
  # A killed installation leaves a folder without its package.json, and npm's half-moved copies.
  if [ -e "$package" ] && [ ! -f "$package/package.json" ]; then rm -rf "$package"; fi
  rm -rf "$root"/lib/node_modules/.openclaw-*
  echo "Installing OpenClaw $OPENCLAW_VERSION: some 330 packages, 650 MB …"
  install_package "$root"
  # The first start finishes the installation; another account could not.
  started=$("$root/bin/openclaw" --version 2>&1) || { echo "$started" >&2; stop_if_full; stop 1 'OpenClaw does not start.'; }
  add_to_path
  echo "$started is installed in $root."
}
main </dev/null

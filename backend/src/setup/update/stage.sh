# Installs the new version beside the one that runs. Variables: those of places.sh, OPENCLAW_VERSION (exact), NPM_REGISTRY.
main() {
  begin
  # Half of a version takes room, and serves nobody.
  trap 'code=$?; rm -rf "$work"; if [ "$code" != 0 ]; then rm -rf "$staging"; fi' EXIT
  trap 'exit 143' TERM INT HUP
  rm -rf "$staging" "$kept" "$aside"
  mkdir -p "$staging/new" || { stop_if_full; stop 50 "$staging cannot be created."; }
  echo "Installing OpenClaw $OPENCLAW_VERSION beside the version that runs …"
  install_package "$staging/new"
  started=$("$staging/new/bin/openclaw" --version 2>&1) ||
    { echo "$started" >&2; stop_if_full; stop 24 'The new version does not start with the Node of this server.'; }
  echo "$started is ready to be swapped in."
}
main </dev/null

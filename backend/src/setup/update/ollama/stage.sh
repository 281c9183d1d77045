# Downloads the installer of Ollama, which brings the new version itself. Variables: those of places.sh, OLLAMA_INSTALL_URL.
main() {
  expect_root
  begin
  if as_root test -e "$kept"; then stop 55 "The way back of another update is still there, in $kept."; fi
  trap 'code=$?; rm -rf "$work"; if [ "$code" != 0 ]; then rm -rf "$staging"; fi' EXIT
  trap 'exit 143' TERM INT HUP
  rm -rf "$staging" && mkdir "$staging" && echo "$TASK" >"$staging/task" || { stop_if_full; stop 50 "$staging cannot be written."; }
  download "$OLLAMA_INSTALL_URL" "$staging/install.sh"
  [ "$(head -c 2 "$staging/install.sh")" = '#!' ] || stop 21 "What is at $OLLAMA_INSTALL_URL is no script."
  ollama_models >"$staging/models"
  command -v sha256sum >/dev/null 2>&1 || stop 26 'sha256sum is not installed.'
  # Buoy keeps it for the script that runs the installer: here, the account could change both.
  echo "$OLLAMA_INSTALL_URL, SHA-256 $(sha256sum <"$staging/install.sh" | cut -d ' ' -f 1)"
}
main </dev/null

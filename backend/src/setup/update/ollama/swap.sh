# Keeps what is there of Ollama, and runs its installer, which stops and starts the service. It can be run again after it was cut. Variables: those of
# places.sh, INSTALLER_SHA256 (that of the installer when it was downloaded).
main() {
  expect_own
  expect_root
  begin
  if ! as_root test -f "$kept/.complete"; then
    echo "Keeping Ollama $FROM for a way back …"
    as_root rm -rf "$kept" && as_root mkdir -p "$kept" && as_root cp -a "$PLACE/bin/ollama" "$kept/ollama" && as_root cp -p "$unit" "$kept/unit" ||
      { stop_if_full; stop 50 "Ollama could not be copied to $kept."; }
    if [ -d "$PLACE/lib/ollama" ]; then
      # Its libraries have gigabytes, and the installer removes them before it brings others: a second name keeps them without a copy.
      as_root cp -al "$PLACE/lib/ollama" "$kept/lib" 2>/dev/null || { as_root rm -rf "$kept/lib" && as_root cp -a "$PLACE/lib/ollama" "$kept/lib"; } ||
        { stop_if_full; stop 50 "The libraries of Ollama could not be copied to $kept."; }
    fi
    sync
    as_root touch "$kept/.complete" || stop 50 "$kept cannot be written."
  fi
  # The installer takes the first of /usr/local and /usr that is in the PATH.
  case $PLACE in /usr) path=/usr/bin:/bin:/usr/sbin:/sbin ;; *) path=$PLACE/bin:/usr/bin:/bin:/usr/sbin:/sbin ;; esac
  # The account may change its file at any time, also while it is read: what is checked and run is a copy that only root can change. The account
  # opens the file, so that root reads none for it that it may not read itself.
  { as_root install -m 644 "/proc/$$/fd/3" "$kept/install.sh" || { stop_if_full; stop 50 "The installer could not be copied to $kept."; }; } 3<"$staging/install.sh" ||
    stop 50 "$staging/install.sh cannot be read."
  check_sum sha256sum "$kept/install.sh" "$INSTALLER_SHA256"
  echo "Installing Ollama $TO …"
  as_root env "PATH=$path" "OLLAMA_VERSION=$TO" sh "$kept/install.sh" >"$work/ollama.log" 2>&1 ||
    { tail -n 40 "$work/ollama.log" >&2; stop_if_full; stop 62 'The installer of Ollama failed.'; }
  echo "Ollama $TO is in place."
}
main </dev/null

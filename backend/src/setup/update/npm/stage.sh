# Downloads the new npm and starts it once, beside the old one. Variables: those of places.sh, NPM_REGISTRY.
main() {
  begin
  trap 'code=$?; rm -rf "$work"; if [ "$code" != 0 ]; then rm -rf "$staging"; fi' EXIT
  trap 'exit 143' TERM INT HUP
  [ -f "$folder/package.json" ] || stop 50 'npm is not in its place.'
  rm -rf "$staging" && mkdir -p "$staging/new" && echo "$TASK" >"$staging/task" || { stop_if_full; stop 50 "$staging cannot be written."; }
  echo "Downloading npm $TO …"
  package_file npm "$TO" "$work/npm.tgz"
  # -o: as root, tar would give the files to whichever account has the number of the one that built the archive.
  tar -xzof "$work/npm.tgz" -C "$staging/new" --strip-components=1 || { stop_if_full; stop 1 'npm could not be unpacked.'; }
  started=$("$root/bin/node" "$staging/new/bin/npm-cli.js" --version 2>&1) || { printf '%s\n' "$started" >&2; stop_if_full; stop 61 'The new npm does not start.'; }
  [ "$started" = "$TO" ] || stop 22 "The download is npm $started, not $TO."
  echo "npm $TO is ready."
}
main </dev/null

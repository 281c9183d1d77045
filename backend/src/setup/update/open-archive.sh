# Opens an archive, on the server that it is of as on another one. Behind stop and stop_if_full, as in installer.sh. Variables: STATE (OpenClaw's folder),
# NODE, KEEP_OWN (the program that leaves out what another server must not have).

# open_archive ARCHIVE FOLDER: unpacks it there. found is then OpenClaw's folder in it.
open_archive() {
  tar -xzf "$1" -C "$2" --no-same-owner --no-same-permissions || { stop_if_full; stop 50 'The archive could not be unpacked.'; }
  [ -z "$(find "$2" ! -type f ! -type d ! -type l | head -n 1)" ] || stop 72 'The archive holds more than files, folders and links.'
  found=
  for folder in "$STATE" "$HOME/.openclaw"; do
    for inner in "$2"/*/payload/posix"$folder"; do
      # A link on the way would lead out of the archive.
      if [ -d "$inner" ] && [ "$(readlink -f "$inner")" = "$(readlink -f "$2")${inner#"$2"}" ]; then found=$inner; fi
    done
  done
  [ -n "$found" ] || stop 73 "The snapshot is of another folder than $STATE."
  [ -f "$found/openclaw.json" ] && [ ! -L "$found/openclaw.json" ] || stop 72 'The snapshot has no config.'
}

# keep_own FOLDER PRESENT PACKAGE CREDENTIALS: FOLDER is that of the archive, PRESENT that of the server on which it is restored, or `leaving`. Says what
# was left out, except where output is what the archive is.
keep_own() {
  # What leads out of the folder leads to other things on another server. The readlink of busybox has no -m, and needs no more than -f to keep a link.
  find "$1" -type l -exec sh -c '
    inside=$1; shift
    for link; do case $(readlink -m "$link" 2>/dev/null || readlink -f "$link") in "$inside"/*) ;; *) rm -f "$link" ;; esac; done' sh "$(readlink -f "$1")" {} +
  said=$("$NODE" --input-type=module -e "$KEEP_OWN" -- "$1" "$2" "$3" "$4" 2>&1) ||
    { printf '%s\n' "$said" | tail -n 5 >&2; stop_if_full; stop 74 'The keys of the other server could not be left out.'; }
  [ "$2" = leaving ] || printf '%s\n' "$said" | grep '^Left out of the config: ' || :
}

# Makes OpenClaw back itself up, and verifies the archive. Variables: those of places.sh, SNAPSHOT (its id). The last five of a server are kept.
main() {
  begin
  folder=$HOME/.local/state/openclaw-snapshots
  (umask 077 && mkdir -p "$folder") || { stop_if_full; stop 50 "$folder cannot be created."; }
  file=$folder/$SNAPSHOT.tar.gz
  # One that was cut is no backup, and has another name.
  part=$folder/.$SNAPSHOT.tar.gz
  # Of a cut run; one of today may still be written.
  find "$folder" -name '.*.tar.gz' -mtime +0 -exec rm -f {} +
  echo 'Backing up config, state and workspaces …'
  (umask 077 && openclaw backup create --json --output "$part") >"$work/backup.log" 2>&1 ||
    { tail -n 20 "$work/backup.log" >&2; stop_if_full; stop 51 'OpenClaw could not back itself up.'; }
  openclaw backup verify "$part" --json >"$work/verify.log" 2>&1 ||
    { tail -n 20 "$work/verify.log" >&2; stop_if_full; stop 51 'The backup cannot be read again.'; }
  chmod 600 "$part" && mv "$part" "$file" || stop 50 "$file cannot be written."
  # A person may keep an archive there under another name.
  ls -t "$folder"/snp_*.tar.gz | tail -n +6 | while IFS= read -r old; do rm -f "$old"; done
  echo "$file has $(($(wc -c <"$file") / 1024)) KiB and can be read."
}
main </dev/null

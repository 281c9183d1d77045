# Makes OpenClaw back itself up, and verifies the archive. Variables: those of places.sh, SNAPSHOT (its id), REASON (what it is for), SERVER (as it stands
# in Buoy).

# Older versions keep conversations in files, and leave those out of their archives, because they may be written to meanwhile. Without them, a
# snapshot would bring back a list of conversations without a word in them.
add_conversations() {
  (cd "$STATE" && find agents/*/sessions sessions -type f -name '*.jsonl' 2>/dev/null) >"$work/conversations"
  [ -s "$work/conversations" ] || return 0
  inside=$(gzip -dc "$part" | tar -tf - --quoting-style=literal 2>/dev/null | sed -n 's,^\([^/]*\)/manifest\.json$,\1,p' | head -n 1)
  [ -n "$inside" ] || return 1
  inside=$inside/payload/posix$STATE
  gzip -dc "$part" | tar -tf - --quoting-style=literal >"$work/archived" || return 1
  # An archive must not have a file twice.
  INSIDE=$inside awk '
    NR == FNR { archived[$0] = 1; next }
    !((ENVIRON["INSIDE"] "/" $0) in archived) { print ENVIRON["INSIDE"] "/" $0 }
  ' "$work/archived" "$work/conversations" >"$work/left-out"
  [ -s "$work/left-out" ] || return 0
  echo "Adding $(wc -l <"$work/left-out") conversations, which OpenClaw leaves out …"
  mkdir -p "$work/tree/$(dirname "$inside")" && ln -s "$STATE" "$work/tree/$inside" && gzip -dc "$part" >"$work/archive.tar" || return 1
  # 1: one was written to meanwhile.
  tar -rf "$work/archive.tar" -C "$work/tree" --no-recursion --verbatim-files-from -T "$work/left-out" || [ $? = 1 ] || return 1
  (umask 077 && gzip -c "$work/archive.tar" >"$part.more") && mv "$part.more" "$part" && rm -f "$work/archive.tar"
}

main() {
  begin
  (umask 077 && mkdir -p "$snapshots") || { stop_if_full; stop 50 "$snapshots cannot be created."; }
  has_archives || stop 50 "$snapshots does not belong to this account alone, so nothing is kept there."
  file=$snapshots/$SNAPSHOT.tar.gz
  # One that was cut is no backup, and has another name.
  part=$snapshots/.$SNAPSHOT.tar.gz
  # Of a cut run; one of today may still be written.
  find "$snapshots/." -maxdepth 1 \( -name '.*.tar.gz*' -o -name '..leaving-*' \) -type f -mtime +0 -exec rm -f {} +
  find "$snapshots/." -maxdepth 1 \( -name '.carried-*' -o -name '.leaving-*' \) -type d -mtime +0 | while IFS= read -r left; do remove "$left"; done
  rm -f "$part" "$part.more"
  # Of an earlier update or restore, as preflight counts on; where it cannot be removed, the next step says so.
  case $REASON in update | restore) remove_marked "$aside" ;; esac
  echo 'Backing up config, state and workspaces …'
  (umask 077 && openclaw backup create --json --output "$part") >"$work/backup.log" 2>&1 ||
    { tail -n 20 "$work/backup.log" >&2; stop_if_full; stop 51 'OpenClaw could not back itself up.'; }
  add_conversations || { stop_if_full; stop 51 'The conversations could not be added to the backup.'; }
  openclaw backup verify "$part" --json >"$work/verify.log" 2>&1 ||
    { tail -n 20 "$work/verify.log" >&2; stop_if_full; stop 51 'The backup cannot be read again.'; }
  (umask 077 && printf '%s %s\n' "$REASON" "$SERVER" >"$(by_file "$SNAPSHOT")") || { stop_if_full; stop 50 "$file cannot be written."; }
  # As sha256sum reads it, for people.
  (umask 077 && printf '%s  %s\n' "$(sum_of "$part")" "$SNAPSHOT.tar.gz" >"$(sum_file "$SNAPSHOT")") &&
    chmod 600 "$part" && mv "$part" "$file" || { stop_if_full; stop 50 "$file cannot be written."; }
  echo "$file has $(($(wc -c <"$file") / 1024)) KiB and can be read."
}
main </dev/null

# Puts the old Ollama back and starts it. It can be run again after it was cut. Variables: those of places.sh.
main() {
  case $(cat "$staging/task" 2>/dev/null) in '' | "$TASK") ;; *) stop 55 'Another update is at work on this server.' ;; esac
  expect_root
  if as_root test -f "$kept/.complete"; then
    if as_root test -e "$kept/lib"; then
      as_root rm -rf "$PLACE/lib/ollama" && as_root mv "$kept/lib" "$PLACE/lib/ollama" || stop 50 'The old libraries could not be moved back.'
    fi
    # By a rename: what runs cannot be written.
    as_root cp -a "$kept/ollama" "$PLACE/bin/.ollama-old" && as_root mv -f "$PLACE/bin/.ollama-old" "$PLACE/bin/ollama" ||
      stop 50 'The old command could not be put back.'
    as_root cp -p "$kept/unit" "$unit.old" && as_root mv -f "$unit.old" "$unit" || stop 50 'The old unit could not be put back.'
    as_root systemctl daemon-reload
    as_root systemctl restart ollama.service || stop 61 'systemd could not start Ollama.'
  fi
  answers_as "$FROM" || stop 61 "Ollama $FROM does not answer."
  echo "Ollama $FROM is back in place."
}
main </dev/null

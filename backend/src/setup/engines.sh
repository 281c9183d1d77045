# Shared by the scripts beside it, after find-openclaw.sh: which Node OpenClaw asks for, without starting it.

# openclaw_folder COMMAND: the folder of its package.
openclaw_folder() {
  folder=$(dirname "$(readlink -f "$1")")
  # The command may lie in a folder of the package.
  [ -f "$folder/package.json" ] || folder=$(dirname "$folder")
  printf '%s\n' "$folder"
}

# engines_in FOLDER: as the package.json there says; that of 2026.9.6 has 143 KB, and names them in its middle.
engines_in() {
  [ -f "$1/package.json" ] || return 0
  limit 3 head -c 1048576 "$1/package.json" 2>/dev/null |
    sed -n '/^ *"engines" *:/,/}/s/.*"node" *: *"\([^"]*\)".*/\1/p' | head -n 1
}

# Where an update keeps its things. Variables: PACKAGE (the folder of the package), NODE (the Node that runs it), STATE (OpenClaw's folder).
# Behind installer.sh. Exit code 50: a copy could not be made.
modules=$(dirname "$PACKAGE")
root=${modules%/lib/node_modules}
PATH=$(dirname "$NODE"):$PATH
npm=npm
# Beside the package, so that a swap is a rename. It holds the new version, then the old one.
staging=$modules/.update-openclaw
# OpenClaw's folder as it was before the new version first started. It holds keys.
kept=$STATE.before-update

# The entries of OpenClaw's folder that a new version may change. Workspaces belong to people and are in the snapshot; caches and logs can go.
entries() {
  (
    cd "$1" || exit
    for entry in * .[!.]* ..?*; do
      case $entry in workspace | workspace-* | cache | logs) continue ;; esac
      if [ -e "$entry" ] || [ -L "$entry" ]; then printf '%s\n' "$entry"; fi
    done
  )
}

# copy_entries FROM TO
copy_entries() {
  entries "$1" | while IFS= read -r entry; do
    cp -a "$1/$entry" "$2/" || exit 1
  done
}

version_at() { sed -n 's/^ *"version" *: *"\([^"]*\)".*/\1/p' "$1/package.json" 2>/dev/null | head -n 1; }

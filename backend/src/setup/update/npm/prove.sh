# Sees that the new npm is what the command runs. Variables: those of places.sh.
main() {
  said=$("$root/bin/npm" --version 2>&1)
  [ "$said" = "$TO" ] || stop 61 "The command npm says: $said"
  said=$("$root/bin/npm" root --global --prefix "$root" 2>&1)
  [ "$said" = "$root/lib/node_modules" ] || stop 61 "npm does not find where its packages go: $said"
  echo "npm $TO works."
}
main </dev/null

# Installs Node NODE_VERSION (exact, or a line such as 24) into a folder of its own, and npm beside it where the download has none.
# Variables: NODE_VERSION; LINK_COMMANDS (no: what the commands run stays, and yes otherwise); NODE_MIRROR, the base of nodejs.org's /dist, or empty for the packages node-linux-* of NPM_REGISTRY.

from_mirror() {
  case $NODE_VERSION in *.*.*) folder=v$NODE_VERSION ;; *) folder=latest-v$NODE_VERSION.x ;; esac
  download "$NODE_MIRROR/$folder/SHASUMS256.txt" "$work/sums"
  file=$(awk -v end="-linux-$arch.tar.gz" '{ at = length($2) - length(end) + 1 } substr($2, at) == end { print $2; exit }' "$work/sums")
  [ -n "$file" ] || stop 23 "$NODE_MIRROR has no Node $NODE_VERSION for linux-$arch."
  exact=${file#node-v}
  exact=${exact%%-*}
  download "$NODE_MIRROR/$folder/$file" "$work/node.tgz"
  check_sum sha256sum "$work/node.tgz" "$(awk -v file="$file" '$2 == file { print $1 }' "$work/sums")"
}

from_registry() {
  exact=$NODE_VERSION
  case $exact in
    *.*.*) ;;
    *)
      download "$NPM_REGISTRY/node-linux-$arch" "$work/versions"
      exact=$(tr ',{' '\n\n' <"$work/versions" | sed -n 's/^ *"\([0-9.]*\)" *:.*/\1/p' | newest_of "$NODE_VERSION")
      [ -n "$exact" ] || stop 23 "The registry has no Node $NODE_VERSION for linux-$arch."
      ;;
  esac
  package_file "node-linux-$arch" "$exact" "$work/node.tgz"
}

# The packages of the registry hold no npm.
add_npm() {
  [ -e "$1/lib/node_modules/npm/bin/npm-cli.js" ] && return
  download "$NPM_REGISTRY/npm" "$work/versions"
  npm=$(tr ',{' '\n\n' <"$work/versions" | sed -n 's/^ *"\([0-9.]*\)" *:.*/\1/p' | newest_of 11)
  package_file npm "$npm" "$work/npm.tgz"
  mkdir -p "$1/lib/node_modules/npm"
  unpack "$work/npm.tgz" "$1/lib/node_modules/npm"
}

# -o: as root, tar would give the files to whichever account has the number of the one that built the archive (1001 for nodejs.org).
unpack() {
  tar -xzof "$1" -C "$2" --strip-components=1 && return
  stop_if_full
  stop 1 "$(basename "$1") could not be unpacked."
}

main() {
  case $(uname -m) in
    x86_64) arch=x64 ;;
    aarch64 | arm64) arch=arm64 ;;
    *) stop 23 "There is no Node for $(uname -m)." ;;
  esac
  begin
  echo "Downloading Node $NODE_VERSION for linux-$arch …"
  if [ -n "$NODE_MIRROR" ]; then from_mirror; else from_registry; fi
  echo "Unpacking Node $exact …"
  mkdir "$work/node"
  unpack "$work/node.tgz" "$work/node"
  add_npm "$work/node"
  started=$("$work/node/bin/node" --version 2>&1) || stop 1 "This Node does not start here: $started"
  [ "$started" = "v$exact" ] || stop 22 "The download is Node $started, not v$exact."
  # What a running gateway uses stays where it is.
  if [ -x "$root/node-v$exact/bin/node" ] && [ -e "$root/node-v$exact/lib/node_modules/npm/bin/npm-cli.js" ]; then :; else
    rm -rf "$root/node-v$exact"
    mv "$work/node" "$root/node-v$exact" || { stop_if_full; stop 1 'Node could not be moved into its place.'; }
  fi
  if [ "${LINK_COMMANDS:-yes}" = no ]; then return; fi
  ln -sfn "../node-v$exact/bin/node" "$root/bin/node"
  ln -sfn "../node-v$exact/lib/node_modules/npm/bin/npm-cli.js" "$root/bin/npm"
  ln -sfn "../node-v$exact/lib/node_modules/npm/bin/npx-cli.js" "$root/bin/npx"
  add_to_path
  echo "Node $exact is installed in $root."
}
main </dev/null

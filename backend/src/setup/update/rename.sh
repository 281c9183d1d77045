# Shared by the updates beside it: what is put in a place is whole there. Variable: NODE.

# rename FROM TO: at once or not at all; mv would copy where that cannot be.
rename() { "$NODE" -e 'require("node:fs").renameSync(process.argv[1], process.argv[2])' "$1" "$2"; }

# take_away FROM TO: TO is there only when it is whole, also where a folder can only be copied, as from the lower layer of an overlay.
take_away() {
  rename "$1" "$2" 2>/dev/null || { rm -rf "$2.part" && cp -a "$1" "$2.part" && sync && rename "$2.part" "$2" && rm -rf "$1"; }
}

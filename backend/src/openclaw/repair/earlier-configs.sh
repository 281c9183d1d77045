# Prints OpenClaw's config file and its earlier copies, a line each: SHA-256, bytes, seconds of the last change, and which one. Runs by as-gateway.sh.
# $1 the config file, $2 bytes at most

main() {
  for copy in present last-good bak bak.1 bak.2 bak.3 bak.4; do
    file=$1.$copy
    [ "$copy" != present ] || file=$1
    # Not a link: it could lead to what is no config.
    if [ ! -f "$file" ] || [ -L "$file" ]; then continue; fi
    # shellcheck disable=SC2046
    set -- "$1" "$2" $(stat -c '%s %Y' -- "$file")
    [ "${3:-$2}" -lt "$2" ] || continue
    sum=$(head -c "$2" <"$file" | sha256sum) || continue
    echo "${sum%% *} $3 $4 $copy"
  done
}
main "$@" </dev/null

# Prints, as key=value lines, what no gateway tells of its host: its clock, the inodes left, and the gateway's certificate.
# $1 OpenClaw's folder, $2 the certificate of the gateway; both may be empty. The last line is end=1.

main() {
  # First: what follows takes time, and Buoy measures around it.
  say clockS "$(date +%s)"
  # A line for each file system; of a network mount that hangs, none.
  limit 3 df -P -i "$HOME" ${1:+"$1"} 2>/dev/null |
    awk 'NR > 1 && NR < 4 { printf "inodes%d=%s\ninodesFree%d=%s\n", NR - 1, $2, NR - 1, $4 }'
  # The certificate alone: the key may stand in the same file.
  if [ -n "$2" ] && [ -f "$2" ]; then
    limit 3 head -c 65536 "$2" 2>/dev/null | sed -n '/^-----BEGIN CERTIFICATE-----/,/^-----END CERTIFICATE-----/p' |
      head -c 16384 | say64 certificate
  fi
  say end 1
}
main "$@" </dev/null

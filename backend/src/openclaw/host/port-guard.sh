# Whose sockets hold a port. $1: the port in four hex digits. $2: OpenClaw's config file, or empty. $3: the account of its system unit, or empty.
# Prints key=value lines: uids of the login, the file's owner and that account, then each distinct row of the kernel's tables with that local port
# as "address:port state uid", as they stand there. tables=1 says that all of them could be read; the last line is end=1.
export LC_ALL=C
PATH=$PATH:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin

# A gateway has a handful; more are counted, not printed.
MAX_ROWS=200

line_end='
'
# Its first line alone, as in find-openclaw.sh.
say() { printf '%s=%s\n' "$1" "${2%%"$line_end"*}"; }

main() {
  say login "$(id -u)"
  if [ -n "$2" ]; then say config "$(stat -L -c %u -- "$2" 2>/dev/null)"; fi
  if [ -n "$3" ]; then say account "$(id -u -- "$3" 2>/dev/null)"; fi
  set -- "$1" /proc/net/tcp
  # Absent where IPv6 is off.
  if [ -e /proc/net/tcp6 ]; then set -- "$@" /proc/net/tcp6; fi
  port=$1
  shift
  if awk -v "port=:$port" -v "most=$MAX_ROWS" '
    substr($2, length($2) - 4) != port || seen[$2, $4, $8]++ { next }
    { rows++ }
    rows > most { exit }
    { printf "row%d=%s %s %s\n", rows, $2, $4, $8 }
    END { printf "rows=%d\n", rows }
  ' "$@" 2>/dev/null; then say tables 1; fi
  say end 1
}
main "$@" </dev/null

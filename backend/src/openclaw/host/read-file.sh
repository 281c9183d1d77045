# Prints one file: "missing", "unsafe", or its size and the seconds of its last change, then its content. Runs by as-gateway.sh.
# Checks the opened file, not the path: an agent can replace the file at the path at any moment.
# $1 folder, $2 name, $3 bytes at most, $4 "inside" for a file that must not lie elsewhere
cd -P -- "$1" 2>/dev/null || { [ ! -e "$1" ] || exit 1; echo missing; exit 0; }
if [ ! -e "$2" ] && [ ! -L "$2" ]; then echo missing; exit 0; fi
# To open a pipe would wait for whoever writes to it.
if [ ! -f "$2" ]; then echo unsafe; exit 0; fi
exec 3<"./$2" || exit 1
max_bytes=$3
inside=$4
# shellcheck disable=SC2046
set -- $(stat -Lc '%u %h %s %Y %a' /proc/self/fd/3)
case $ACCOUNT_THAT_OWNS/$1/$5 in
  /* | "$1/$1/"*) ;;
  # Root passes every folder, so for it the mode of a file does not say that everybody may read it.
  */0/*[4567]) [ "$(id -u)" != 0 ] || exit 1 ;;
  *) exit 1 ;;
esac
if [ "$inside" = inside ]; then
  opened=$(readlink /proc/self/fd/3) || opened=
  case $opened in
    "$(pwd -P)"/*) ;;
    *) echo unsafe; exit 0 ;;
  esac
  # A second name of the same file may stand anywhere.
  if [ "$2" -gt 1 ]; then echo unsafe; exit 0; fi
fi
echo "$3 $4"
head -c "$max_bytes" <&3

# Prints one file of an agent's folder: "missing", "unsafe", or its size and the seconds of its last change, then its content.
# Checks the opened file, not the path: an agent can replace the file at the path at any moment.
# $1 folder, $2 name, $3 bytes at most
cd -P -- "$1" 2>/dev/null || { echo missing; exit 0; }
if [ ! -e "$2" ] && [ ! -L "$2" ]; then echo missing; exit 0; fi
# To open a pipe would wait for whoever writes to it.
if [ ! -f "$2" ]; then echo unsafe; exit 0; fi
exec 3<"./$2" || exit 1
opened=$(readlink /proc/self/fd/3) || opened=
case $opened in
  "$(pwd -P)"/*) ;;
  *) echo unsafe; exit 0 ;;
esac
set -- $(stat -Lc '%h %s %Y' /proc/self/fd/3) "$3"
# A second name of the same file may stand anywhere.
if [ "$1" -gt 1 ]; then echo unsafe; exit 0; fi
echo "$2 $3"
head -c "$4" <&3

#!/bin/sh
# Installs this version of Buoy or replaces another version: sh install.sh. To remove Buoy: buoy-server uninstall [--purge].
set -eu
# Keeps the program readable for the account that Buoy runs as, whatever umask root has.
umask 022

here=$(cd "$(dirname "$0")" && pwd -P)
# Prefix of every path, for a trial install into a folder.
prefix=${BUOY_PREFIX:-}
opt=$prefix/opt/buoy
data=$prefix/var/lib/buoy
etc=$prefix/etc/buoy
unit=$prefix/etc/systemd/system/buoy.service
bin=$prefix/usr/local/bin
answer_within_s=${BUOY_ANSWER_WITHIN_S:-60}

say() { printf '%s\n' "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }

version_of() { cat "$1/VERSION"; }

# Prints the installed version, or nothing.
installed() { [ -L "$opt/current" ] && readlink "$opt/current" || true; }

point_to() {
  ln -s "$1" "$opt/.current"
  mv -T "$opt/.current" "$opt/current"
}

put_unit() {
  mkdir -p "$(dirname "$unit")"
  cp "$opt/current/buoy.service" "$unit"
  systemctl daemon-reload
}

answers() {
  left=$answer_within_s
  while [ "$left" -gt 0 ]; do
    # Another program can have the port while Buoy is down: its answer is none of Buoy's.
    if systemctl is-active --quiet buoy && "$opt/current/bin/buoy-server" healthy; then return 0; fi
    if systemctl is-failed --quiet buoy; then return 1; fi
    left=$((left - 1))
    sleep 1
  done
  return 1
}

uninstall() {
  systemctl disable --now buoy || true
  rm -f "$unit" "$bin/buoy-server" "$bin/buoy"
  systemctl daemon-reload
  rm -rf "$opt" "$prefix/var/cache/buoy"
  if [ "${1:-}" = --purge ]; then
    rm -rf "$data" "$etc"
    userdel buoy || true
    say "Buoy, its data and its settings are removed. A PostgreSQL database is left in place."
  else
    say "Buoy is removed. Its data is in $data, its settings are in $etc; --purge removes them as well."
  fi
}

check_machine() {
  [ "$(id -u)" = 0 ] || fail 'Only root can install Buoy: sudo sh install.sh'
  command -v systemctl >/dev/null || fail 'Buoy runs as a systemd service, but systemctl was not found. For containers see docs/install.md.'
  "$here/bin/node" --version >/dev/null 2>&1 || fail 'The Node.js in this archive does not run on this machine: use the archive for its processor architecture.'
}

make_account() {
  id buoy >/dev/null 2>&1 || useradd --system --user-group --home-dir /var/lib/buoy --no-create-home --shell /usr/sbin/nologin buoy
  mkdir -p "$data" "$etc"
  chown buoy:buoy "$data"
  chmod 700 "$data"
  [ -e "$etc/buoy.env" ] || cp "$here/buoy.env" "$etc/buoy.env"
  chown -R root:buoy "$etc"
  chmod 750 "$etc"
  chmod 640 "$etc/buoy.env"
}

# Backs up the database with the installed version and sets $backup to its name; a Buoy that never ran has no database. What names it runs as
# Buoy's account, which must not choose what root restores: hence the name alone, and no other than that of a backup.
back_up() {
  backup=
  [ -e "$data/vault-keys" ] || [ -e "$data/buoy.db" ] || [ -e "$data/buoy.lock" ] || return 0
  made=$("$opt/current/bin/buoy-server" backup) || fail 'The backup failed, so nothing was changed.'
  backup=$(printf '%s\n' "$made" | sed -n '1s/: [0-9]* bytes.*//p')
  # Buoy's account chose this name, and root's terminal shows it.
  case $(basename -- "$backup") in
    *[!A-Za-z0-9._-]*) fail 'The backup failed, so nothing was changed.' ;;
    buoy-*.db.gz | buoy-*.dump.gz) ;;
    *) fail 'The backup failed, so nothing was changed.' ;;
  esac
  backup=$(basename -- "$backup")
  say "Backup: $data/backups/$backup"
}

put_files() {
  mkdir -p "$opt"
  rm -rf "$opt/.new"
  cp -R "$here" "$opt/.new"
  chown -R root:root "$opt/.new"
  # The archive may have been unpacked with permissions for its owner only.
  chmod -R u+rwX,go+rX,go-w "$opt/.new"
  folder=$version
  # Reinstalling the same version uses another folder: the running one stays until the new one answers.
  number=1
  while [ -e "$opt/$folder" ]; do
    number=$((number + 1))
    folder=$version-$number
  done
  mv "$opt/.new" "$opt/$folder"
}

go_back() {
  say "Buoy $version does not answer; going back to $before." >&2
  systemctl stop buoy || true
  point_to "$before"
  put_unit
  rm -rf "${opt:?}/$folder"
  systemctl restart buoy || true
  answers && fail "Buoy $before runs again, on the database as it is. Log of the new version: journalctl -u buoy"
  # The new version has migrated the database, which the previous version cannot open.
  systemctl stop buoy || true
  # Away from the folder of whoever installs, where a file may have that name.
  [ -z "$backup" ] || (cd / && "$opt/current/bin/buoy-server" restore "$backup") >&2 || fail "The database could not be put back. Try again: buoy-server restore $backup"
  systemctl restart buoy || true
  answers && fail "Buoy $before runs again, on the database of the backup. Log of the new version: journalctl -u buoy"
  fail 'The previous version does not answer either. Its log: journalctl -u buoy. To find the cause: buoy-server doctor'
}

remove_older() {
  for one in "$opt"/*; do
    name=$(basename "$one")
    case $name in current | "$folder" | "$before") ;; *) rm -rf "$one" ;; esac
  done
}

install() {
  check_machine
  version=$(version_of "$here")
  before=$(installed)
  make_account
  backup=
  [ -z "$before" ] || back_up
  put_files
  [ -z "$before" ] || systemctl stop buoy || true
  point_to "$folder"
  put_unit
  mkdir -p "$bin"
  ln -sf /opt/buoy/current/bin/buoy-server "$bin/buoy-server"
  ln -sf /opt/buoy/current/bin/buoy "$bin/buoy"
  systemctl enable --quiet buoy
  systemctl restart buoy || true
  if ! answers; then
    [ -z "$before" ] || go_back
    fail "Buoy $version is installed and does not answer. Its log: journalctl -u buoy. To find the cause: buoy-server doctor"
  fi
  remove_older
  say "Buoy $version runs. Settings: $etc/buoy.env. To sign in: buoy-server sign-in-link"
}

case ${1:-} in
  '') install ;;
  uninstall)
    [ "$(id -u)" = 0 ] || fail 'Only root can remove Buoy.'
    uninstall "${2:-}"
    ;;
  *) fail 'Usage: sh install.sh [uninstall [--purge]]' ;;
esac

# Root rights by sudo, and lingering: the services of the account outlive its logins. Secret: SUDO_PASSWORD, or empty. Exit code 41: sudo refused.

XDG_RUNTIME_DIR=/run/user/$(id -u)
DBUS_SESSION_BUS_ADDRESS=unix:path=$XDG_RUNTIME_DIR/bus
export XDG_RUNTIME_DIR DBUS_SESSION_BUS_ADDRESS
account=$(id -un)

# as_root COMMAND…: the password goes through a pipe, and only where sudo asks for one.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif sudo -n true 2>/dev/null; then
    sudo -n "$@"
  elif [ -n "${SUDO_PASSWORD:-}" ]; then
    printf '%s\n' "$SUDO_PASSWORD" | sudo -S -p '' -- "$@"
  else
    return 1
  fi
}

lingers() { [ -e "/var/lib/systemd/linger/$account" ]; }

enable_linger() {
  lingers && return
  echo "Letting services of $account outlive its logins …"
  # An account may do so for itself, unless polkit forbids it.
  loginctl enable-linger "$account" 2>/dev/null || as_root loginctl enable-linger "$account"
  lingers || stop 41 "Lingering could not be enabled for $account: sudo was refused."
}

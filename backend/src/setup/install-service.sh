# Makes the gateway a service that outlives the login and starts at boot. Variables: MANAGER (auto, systemd-user, systemd-system, supervised),
# GATEWAY_PORT (empty: that of the config), SUPERVISOR (the text of the supervisor); secret: SUDO_PASSWORD, or empty. Behind linger.sh and kept.sh.
# Exit codes: installer.sh and linger.sh, and 40 no service manager, 42 the service could not be installed, 43 a supervisor beside systemd.

user_manager_answers() { systemctl --user show -p Version >/dev/null 2>&1; }

install_user_service() {
  enable_linger
  tries=0
  until user_manager_answers; do
    tries=$((tries + 1))
    [ "$tries" -le 50 ] || stop 40 "The user manager of systemd does not answer for $account."
    sleep 0.2
  done
  echo 'Installing the service …'
  "$root/bin/openclaw" gateway install --json --port "$GATEWAY_PORT" || stop 42 'OpenClaw could not install its service.'
  systemctl --user reset-failed openclaw-gateway.service 2>/dev/null
  systemctl --user enable --now openclaw-gateway.service || stop 42 'systemd could not start the service.'
}

install_system_service() {
  unit=/etc/systemd/system/openclaw-gateway.service
  as_root true || stop 41 'A system service needs root: sudo was refused.'
  echo 'Installing the system service …'
  # As OpenClaw writes its user unit (2026.9.6), with the account that it runs as.
  cat >"$work/unit" <<UNIT
[Unit]
Description=OpenClaw Gateway
After=network-online.target
Wants=network-online.target
StartLimitBurst=10
StartLimitIntervalSec=300

[Service]
User=$account
ExecStart=$(readlink -f "$root/bin/node") $root/lib/node_modules/openclaw/dist/index.js gateway --port $GATEWAY_PORT
Restart=always
RestartSec=5
RestartPreventExitStatus=78
TimeoutStopSec=330
TimeoutStartSec=30
SuccessExitStatus=0 143
OOMPolicy=continue
KillMode=mixed
Environment=HOME=$HOME
Environment=PATH=$root/bin:/usr/local/bin:/usr/bin:/bin
Environment=OPENCLAW_GATEWAY_PORT=$GATEWAY_PORT
Environment=OPENCLAW_SYSTEMD_UNIT=openclaw-gateway.service

[Install]
WantedBy=multi-user.target
UNIT
  tail -n 1 "$work/unit" | grep -q '^WantedBy=' || { stop_if_full; stop 42 "$work/unit could not be written."; }
  as_root install -m 644 "$work/unit" "$unit" || stop 42 "$unit could not be written."
  as_root systemctl daemon-reload
  as_root systemctl enable --now openclaw-gateway.service || stop 42 'systemd could not start the service.'
}

install_supervised_service() {
  for program in flock setsid; do
    command -v "$program" >/dev/null 2>&1 || stop 26 "$program is not installed."
  done
  echo 'Installing the supervisor …'
  supervisor=$root/bin/openclaw-supervisor
  # A running supervisor reads on in the old file, also where the gateway is not restarted: the new one takes effect at its next start.
  printf '%s\n' "$SUPERVISOR" >"$work/supervisor" && chmod 755 "$work/supervisor" && mv -f "$work/supervisor" "$supervisor" ||
    { stop_if_full; stop 42 "$supervisor could not be written."; }
  # As OpenClaw writes its user unit (2026.9.6). A restart that it asks for itself stays in the process, which the supervisor knows.
  cat >"$work/unit" <<UNIT
ExecStart=$root/bin/node $root/lib/node_modules/openclaw/dist/index.js gateway --port $GATEWAY_PORT
Environment=HOME=$HOME
Environment=PATH=$root/bin:/usr/local/bin:/usr/bin:/bin
Environment=OPENCLAW_GATEWAY_PORT=$GATEWAY_PORT
Environment=OPENCLAW_NO_RESPAWN=1
UNIT
  tail -n 1 "$work/unit" | grep -q RESPAWN && mkdir -p "$root/supervisor" && chmod 700 "$root/supervisor" &&
    mv -f "$work/unit" "$root/supervisor/openclaw-gateway.service" || { stop_if_full; stop 42 "$root/supervisor could not be written."; }
  "$supervisor" start || stop 42 'The supervisor could not start the gateway.'
  "$supervisor" enable || stop 42 'cron did not take the line that starts the gateway at boot.'
}

main() {
  [ -x "$root/bin/openclaw" ] || stop 25 'OpenClaw is not installed here yet.'
  begin
  # What the unit names wins over the config, so both have the same.
  GATEWAY_PORT=${GATEWAY_PORT:-$(kept port 18789)}
  # Whoever writes the config would write lines of a unit that root installs.
  case $GATEWAY_PORT in '' | *[!0-9]* | ??????*) stop 30 'The port of the gateway in its config is none.' ;; esac
  if [ -d /run/systemd/system ]; then
    case $MANAGER in
      supervised) stop 43 'systemd runs on this server.' ;;
      systemd-system) install_system_service ;;
      *) install_user_service ;;
    esac
  else
    case $MANAGER in
      auto | supervised) install_supervised_service ;;
      *) stop 40 'systemd does not run on this server.' ;;
    esac
  fi
  echo 'The service is installed.'
}
main </dev/null

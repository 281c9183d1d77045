# Sets address and token of the gateway in the config, and the port in its service where there is one. Variables: GATEWAY_PORT, GATEWAY_BIND,
# ROTATE_TOKEN (yes or no); secrets: NEW_TOKEN (hex digits), SUDO_PASSWORD or empty. Behind linger.sh. Exit codes: installer.sh, and 30 for a config that OpenClaw does not take, 41 sudo
# refused, 42 a service that could not be changed or restarted.

unit=openclaw-gateway.service
user_file=$HOME/.config/systemd/user/$unit
system_file=/etc/systemd/system/$unit

supervised_file=$root/supervisor/$unit

# Sets unit_file, empty without a service of this account, and the words that act as who it belongs to.
find_service() {
  unit_file='' as_owner='' scope='' manager=systemctl
  if [ ! -d /run/systemd/system ] && [ -f "$supervised_file" ]; then
    unit_file=$supervised_file manager=$root/bin/openclaw-supervisor
    return
  fi
  # A user unit that somebody turned off may lie beside the system unit that runs.
  if grep -qxF "User=$account" "$system_file" 2>/dev/null && ! systemctl --user is-active --quiet "$unit"; then
    unit_file=$system_file as_owner=as_root
    as_root true || stop 41 'A system service needs root: sudo was refused.'
  elif [ -f "$user_file" ]; then
    unit_file=$user_file scope=--user
  fi
}

# The option of its command wins over the config, so both have the port (unit of OpenClaw 2026.9.6).
change_unit() {
  sed -e "/^ExecStart=/s/ --port[ =][0-9]*/ --port $GATEWAY_PORT/" \
    -e "s/^\(Environment=\"\{0,1\}OPENCLAW_GATEWAY_PORT=\)[0-9]*/\1$GATEWAY_PORT/" "$unit_file" >"$work/unit" && [ -s "$work/unit" ] ||
    { stop_if_full; stop 42 "$unit_file could not be read."; }
  cmp -s "$work/unit" "$unit_file" && return
  $as_owner cp "$work/unit" "$unit_file" || stop 42 "$unit_file could not be written."
  $as_owner "$manager" $scope daemon-reload
}

# What uses the token of the config would lose access by a new one. A config with comments is not JSON: it gets a new one.
has_token() {
  "$root/bin/node" -e '
    const { gateway } = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
    process.exit(typeof gateway?.auth?.token === "string" && gateway.auth.token !== "" ? 0 : 1);' "$HOME/.openclaw/openclaw.json" 2>/dev/null
}

# Written by the shell itself: the words of a program are for other accounts to read.
config_patch() {
  token=
  if [ "$ROTATE_TOKEN" = yes ] || ! has_token; then token=",\"token\":\"$NEW_TOKEN\""; fi
  printf '{"gateway":{"mode":"local","port":%s,"bind":"%s","auth":{"mode":"token"%s}}}' "$GATEWAY_PORT" "$GATEWAY_BIND" "$token"
}

main() {
  [ -x "$root/bin/openclaw" ] || stop 25 'OpenClaw is not installed here yet.'
  begin
  find_service
  echo "Setting the gateway to port $GATEWAY_PORT, $GATEWAY_BIND …"
  config_patch | openclaw config patch --stdin || { stop_if_full; stop 30 'OpenClaw did not take the config.'; }
  [ -n "$unit_file" ] || return 0
  change_unit
  # One that was stopped stays so.
  "$manager" $scope is-active --quiet "$unit" || return 0
  echo 'Restarting the gateway …'
  $as_owner "$manager" $scope restart "$unit" || stop 42 'The service could not be restarted.'
}
main </dev/null

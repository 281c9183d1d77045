# Sets address and token of the gateway in the config. Variables: GATEWAY_PORT, GATEWAY_BIND; secret: CONFIG_PATCH (JSON). Exit codes: installer.sh, and
# 30 for a config that OpenClaw does not take.

main() {
  [ -x "$root/bin/openclaw" ] || stop 25 'OpenClaw is not installed here yet.'
  echo "Setting the gateway to port $GATEWAY_PORT, $GATEWAY_BIND …"
  printf '%s' "$CONFIG_PATCH" | openclaw config patch --stdin && return
  stop_if_full
  stop 30 'OpenClaw did not take the config.'
}
main </dev/null

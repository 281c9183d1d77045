# Lets the new version bring its state up to date, while the gateway is down. Variables: those of places.sh.
main() {
  expect_stopped
  begin
  echo 'Bringing config and state up to date …'
  # The service stays as it is: Buoy starts it.
  export OPENCLAW_SERVICE_REPAIR_POLICY=external
  # It also fails where the new version does not take the config, and says why (2026.9.6).
  openclaw doctor --fix --non-interactive >"$work/doctor.log" 2>&1 ||
    { tail -n 40 "$work/doctor.log" >&2; stop_if_full; stop 52 'OpenClaw could not bring its state up to date.'; }
}
main </dev/null

# Puts the old Node back; the gateway is down. It can be run again after it was cut. Variables: those of places.sh.
main() {
  expect_stopped
  begin
  [ -x "$old/bin/node" ] || stop 58 "Node $FROM is no longer there."
  link_commands "$LINKED"
  put_in_unit "$new" "$old"
  sync
  echo "Node $FROM is back in place."
}
main </dev/null

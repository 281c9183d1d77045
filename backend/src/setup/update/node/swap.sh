# Puts the new Node in the place of the old one: in the unit of the gateway, which is down, and in the commands of the login. It can be run again after it
# was cut. Variables: those of places.sh.
main() {
  expect_stopped
  begin
  [ -x "$new/bin/node" ] || stop 58 "Node $TO is no longer there."
  # A unit may name the command.
  link_commands "$TO"
  put_in_unit "$old" "$new"
  sync
  echo "Node $TO is in place."
}
main </dev/null

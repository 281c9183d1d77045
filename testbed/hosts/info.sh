# shellcheck shell=bash
# The description of a host for tests, as one line of JSON.

json_string() {
  [ -n "${1:-}" ] || { printf null; return; }
  local text=${1//\\/\\\\}
  printf '"%s"' "${text//\"/\\\"}"
}
fingerprint_of() { ssh-keygen -lf "$(root_of "$1")/etc/ssh/ssh_host_$2_key.pub" 2>/dev/null | cut -d' ' -f2; }
state_of() {
  if ! host_runs "$1"; then echo stopped; elif cgroup_is "$1" frozen 1; then echo frozen; else echo running; fi
}

info_json() {
  local name=$1 token layer
  # keys and config are read through the overlay: mounted for a stopped host too
  mount_root "$name"
  token=$(gateway_token "$name")
  layer=$(option_of "$name" layer)
  printf '{"name":%s,"host":%s,"port":22,"user":"deploy","rootUser":"root","password":%s,"key":%s,"hostKeys":{"ed25519":%s,"ecdsa":%s},' \
    "$(json_string "$name")" "$(json_string "$(address_of "$name")")" "$(json_string "$DEPLOY_PASSWORD")" "$(json_string "$HOSTS/$name/id_ed25519")" \
    "$(json_string "$(fingerprint_of "$name" ed25519)")" "$(json_string "$(fingerprint_of "$name" ecdsa)")"
  printf '"state":%s,"layer":%s,"sudo":%s,"internet":%s,"diskMiB":%s,"memoryMiB":%s,' \
    "$(json_string "$(state_of "$name")")" "$(json_string "$layer")" "$(json_string "$(option_of "$name" sudo)")" \
    "$([ "$(option_of "$name" internet)" = yes ] && echo true || echo false)" "$(option_of "$name" disk)" "$(option_of "$name" mem)"
  printf '"gatewayPort":%s,"gatewayToken":%s,"consoleLog":%s}\n' \
    "$([ -n "$token" ] && echo "$GATEWAY_PORT" || echo null)" "$(json_string "$token")" "$(json_string "$HOSTS/$name/console.log")"
}

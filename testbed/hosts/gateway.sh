# shellcheck shell=bash
# OpenClaw's gateway inside a host: readiness and token.

GATEWAY_PORT=18789
GATEWAY_SECONDS=240   # 18 s after a boot on an idle machine, 90 s with four hosts starting at once on two cores

config_of() { echo "$(root_of "$1")/home/deploy/.openclaw/openclaw.json"; }

# The token in the host's OpenClaw config, or nothing; also while the config is broken by a fault.
gateway_token() {
  local config
  config=$(config_of "$1")
  [ ! -e "$HOSTS/$1/original-config/openclaw.json" ] || config=$HOSTS/$1/original-config/openclaw.json
  [ ! -e "$config" ] || sed -n '/"gateway": *{/,$ s/.*"token": *"\([^"]*\)".*/\1/p' "$config" | head -1
}

# /readyz answers 200 for any unknown path too, so the body decides
IS_READY="curl -fsS -m 5 http://127.0.0.1:$GATEWAY_PORT/readyz 2>/dev/null | grep -q '\"ready\": *true'"
gateway_ready() { exec_in_host "$1" bash -c "$IS_READY"; }

# wait_gateway NAME [SECONDS]
wait_gateway() {
  local name=$1 seconds=${2:-$GATEWAY_SECONDS}
  # one process inside that asks now and then: to go in anew for each question takes a fifth of a core from the gateway that starts
  exec_in_host "$name" timeout "$seconds" bash -c "until $IS_READY; do sleep 0.25; done" && return 0
  exec_in_host "$name" --user deploy systemctl --user status --no-pager --lines 15 openclaw-gateway.service >&2 || true
  die "the gateway of $name is not ready after $seconds s; its log: $here/hosts.sh exec $name --user deploy journalctl --user -u openclaw-gateway"
}

# At most two gateways start at once: four on two cores take five times as long each. Held until `unlock "$gateway_slot"`.
take_gateway_slot() {
  until_true "$LOCK_SECONDS" try_gateway_slot || die "no gateway slot became free within $LOCK_SECONDS s"
}
try_gateway_slot() {
  local descriptor
  mkdir -p "$STATE/locks"
  for gateway_slot in gateway-slot-1 gateway-slot-2; do
    exec {descriptor}>"$STATE/locks/$gateway_slot"
    if flock -n "$descriptor"; then
      held_locks[$gateway_slot]=$descriptor
      return 0
    fi
    exec {descriptor}>&-
  done
  return 1
}

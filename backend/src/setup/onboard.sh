# Writes the first config of OpenClaw, with a model provider or without one. A config that is there keeps its agents and settings.
# Variables: AUTH_CHOICE and KEY_OPTION as `openclaw onboard` names them (KEY_OPTION empty: no key), PROVIDER_ID, BASE_URL, MODEL, GATEWAY_PORT,
# GATEWAY_BIND; secrets: API_KEY, CONFIG_PATCH (JSON of what onboard itself takes on its command line only). Exit codes: installer.sh, and 30 for a
# config that OpenClaw does not take, 31 for a provider that it does not know. Behind kept.sh.

openclaw_failed() {
  stop_if_full
  stop "$1" "$2"
}

main() {
  [ -x "$root/bin/openclaw" ] || stop 25 'OpenClaw is not installed here yet.'
  set -- --non-interactive --accept-risk --json --mode local --auth-choice "$AUTH_CHOICE" --secret-input-mode plaintext \
    --gateway-port "$(kept port "$GATEWAY_PORT")" --gateway-bind "$(kept bind "$GATEWAY_BIND")" --gateway-auth token \
    --skip-channels --skip-skills --skip-search --skip-hooks --skip-ui --skip-health --skip-daemon
  if [ -n "$KEY_OPTION" ]; then
    openclaw onboard --help 2>/dev/null | grep -q -- "$KEY_OPTION " || stop 31 "OpenClaw does not know the provider $PROVIDER_ID."
    # Whoever lists processes sees a command line, so the key itself comes after this, through a pipe.
    set -- "$@" "$KEY_OPTION" to-be-replaced
  fi
  if [ "$AUTH_CHOICE" = ollama ] && [ -n "$BASE_URL" ]; then set -- "$@" --custom-base-url "$BASE_URL"; fi
  if [ "$AUTH_CHOICE" = ollama ] && [ -n "$MODEL" ]; then set -- "$@" --custom-model-id "$MODEL"; fi
  echo 'Writing the config …'
  openclaw onboard "$@" || openclaw_failed 30 'OpenClaw did not take these settings.'
  if [ -n "$KEY_OPTION" ]; then
    echo 'Storing the key, which a gateway that runs already takes at its next start …'
    printf '%s\n' "$API_KEY" | openclaw models auth paste-api-key --provider "$PROVIDER_ID" ||
      openclaw_failed 30 'OpenClaw did not take the key.'
  fi
  if [ -n "$CONFIG_PATCH" ]; then
    printf '%s' "$CONFIG_PATCH" | openclaw config patch --stdin || openclaw_failed 30 'OpenClaw did not take the config.'
  fi
  echo 'Done.'
}
main </dev/null

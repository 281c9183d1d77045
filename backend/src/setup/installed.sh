# Prints what is installed below ~/.local/openclaw as key=value lines; the last one is end=1.

main() {
  root=$HOME/.local/openclaw
  say home "$HOME"
  say node "$("$root/bin/node" --version 2>/dev/null | sed 's/^v//')"
  if [ -f "$root/bin/npm" ]; then say npm yes; fi
  # A killed installation leaves a folder without a command, or a command without its folder.
  if [ -f "$root/bin/openclaw" ]; then say openclaw "$(version_in "$root/lib/node_modules/openclaw")"; fi
  find_openclaw
  case $binary in '' | "$root"/*) ;; *) say elsewhere "$binary" ;; esac
  config=$HOME/.openclaw/openclaw.json
  if [ -f "$config" ]; then
    say config yes
    # A config with comments is not JSON: then its model and folder are not told.
    "$root/bin/node" -e '
      const { agents, gateway } = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
      const model = agents?.defaults?.model;
      for (const [name, value] of Object.entries({
        model: typeof model === "string" ? model : model?.primary, workspace: agents?.defaults?.workspace,
        port: gateway?.port, mode: gateway?.mode, bind: gateway?.bind, hasToken: gateway?.auth?.token ? "yes" : undefined,
        authMode: gateway?.auth?.mode,
      }))
        if (value !== undefined) console.log(name + "=" + String(value).replace(/\s/g, " "));' "$config" 2>/dev/null
  fi
  XDG_RUNTIME_DIR=/run/user/$(id -u)
  export XDG_RUNTIME_DIR
  if [ -e "/var/lib/systemd/linger/$(id -un)" ]; then say linger yes; fi
  say userUnit "$(limit 5 systemctl --user is-active openclaw-gateway.service 2>/dev/null)"
  owner=$(limit 5 systemctl show openclaw-gateway.service -p User 2>/dev/null | sed 's/^User=//')
  case ${owner:-root} in "$(id -un)" | "$(id -u)") own=yes ;; *) own='' ;; esac
  # Root may have let it run as another account; any other account has only its own.
  if [ -n "$own" ] || [ "$(id -u)" = 0 ]; then say systemUnit "$(limit 5 systemctl is-active openclaw-gateway.service 2>/dev/null)"; fi
  supervisor=$root/supervisor
  # Where systemd came later, its own service counts.
  if [ ! -d /run/systemd/system ] && [ -x "$root/bin/openclaw-supervisor" ]; then
    if limit 5 "$root/bin/openclaw-supervisor" is-active; then say supervised active; fi
    say servicePort "$(sed -n 's/^ExecStart=.* --port \([0-9]*\)$/\1/p' "$supervisor/openclaw-gateway.service" 2>/dev/null)"
    say supervisorSha256 "$(sha256sum <"$root/bin/openclaw-supervisor" 2>/dev/null | cut -d ' ' -f 1)"
    case $(limit 5 "$root/bin/openclaw-supervisor" is-enabled) in
      enabled) say linger yes ;;
      disabled) say enablable yes ;;
    esac
    say end 1
    return
  fi
  if [ -n "$own" ] && [ "$(limit 5 systemctl --user is-enabled openclaw-gateway.service 2>/dev/null)" = enabled ] &&
    [ "$(limit 5 systemctl is-enabled openclaw-gateway.service 2>/dev/null)" = enabled ]; then say enabledTwice yes; fi
  say servicePort "$(
    for scope in --user --system; do
      limit 5 systemctl "$scope" is-active --quiet openclaw-gateway.service 2>/dev/null || continue
      limit 5 systemctl "$scope" show openclaw-gateway.service -p ExecStart 2>/dev/null | sed -n 's/.* --port[ =]\([0-9]*\).*/\1/p'
      break
    done
  )"
  say end 1
}
main "$@" </dev/null

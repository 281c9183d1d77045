# What the config of the gateway says already, for steps that change no more of it than they are asked to. Behind installer.sh.

# kept NAME DEFAULT: that setting of the gateway in a config that is there; the default where it is not set.
kept() {
  value=$("$root/bin/node" -e '
    const { gateway } = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
    console.log(gateway[process.argv[2]] ?? "");' "$HOME/.openclaw/openclaw.json" "$1" 2>/dev/null)
  printf '%s\n' "${value:-$2}"
}

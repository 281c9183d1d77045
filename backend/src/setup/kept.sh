# What the config of the gateway says already, for steps that change no more of it than they are asked to. Behind installer.sh.

# kept NAME DEFAULT: that setting of the gateway in a config that is there; the default where it is not set.
kept() {
  value=$("$root/bin/node" -e '
    const [, file, name, package] = process.argv;
    const text = require("fs").readFileSync(file, "utf8");
    let config;
    // A person may have written comments.
    try { config = JSON.parse(text); } catch { config = require("module").createRequire(package)("json5").parse(text); }
    console.log(config.gateway[name] ?? "");' "$HOME/.openclaw/openclaw.json" "$1" "$root/lib/node_modules/openclaw/package.json" 2>/dev/null)
  printf '%s\n' "${value:-$2}"
}

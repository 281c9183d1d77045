# shellcheck shell=bash
# Cached layers over the image: OpenClaw of any version, installed, set up and run once; or what a host added to its disk.

LAYER_RECIPE=3   # raise it when anything in this file changes what a layer holds
NODE_VERSION=24.21.0
NPM_VERSION=11.21.2
MODEL_PORT=18900
# stands in the layer's config until each host gets its own token; as long as those
BUILD_TOKEN=feedfacefeedfacefeedfacefeedfacefeedfacefeedface
BUILD_HOST=build-layer

layer_recipe() { echo "$IMAGE_RECIPE.$LAYER_RECIPE"; }
layer_path() { echo "$STATE/layers/$1@$(layer_recipe)"; }

ensure_layer() {
  local layer=$1
  [[ $layer =~ ^[a-z0-9][a-z0-9.-]*$ ]] || die "bad layer name: $layer"
  [ -e "$(layer_path "$layer").ok" ] && return 0
  [[ $layer =~ ^openclaw-([0-9][0-9a-z.-]*)$ ]] || die "no layer $layer"
  local version=${BASH_REMATCH[1]}
  ensure_image
  lock build
  [ -e "$(layer_path "$layer").ok" ] || build_openclaw_layer "$layer" "$version"
  unlock build
}

# Two to three minutes and 0.9 GB of disk.
build_openclaw_layer() {
  local layer=$1 version=$2 started=$SECONDS
  log "building layer $layer (about 2 minutes; log: $STATE/layer.log) …"
  : >"$STATE/layer.log"
  lock_host "$BUILD_HOST"
  make_host "$BUILD_HOST" "$(printf 'layer=\ndisk=0\nmem=0\ninternet=yes\nsudo=nopasswd\nsystem=debian-13\ninit=systemd\nrenames=yes\nlower=%s' "$(image_path)")"
  keep_compiled_code "$BUILD_HOST"
  boot_host "$BUILD_HOST"
  install_node "$BUILD_HOST"
  install_model_server "$BUILD_HOST"
  exec_in_host "$BUILD_HOST" systemctl daemon-reload
  exec_in_host "$BUILD_HOST" systemctl start fake-model.service
  log "installing openclaw@$version …"
  # npm 12 runs no install script that is not allowed; an npm that does not know the option runs them anyway
  as_deploy_quietly npm install --global --no-fund --no-audit --allow-scripts=openclaw "openclaw@$version" ||
    as_deploy_quietly npm install --global --no-fund --no-audit "openclaw@$version" || layer_failed "npm could not install openclaw@$version"
  # finishes the package's own set-up, which must be done by the user that owns it
  [[ $(as_deploy openclaw --version) == *"$version"* ]] || layer_failed "openclaw --version does not say $version"
  log "setting OpenClaw up …"
  as_deploy_quietly openclaw onboard --non-interactive --accept-risk --json --mode local \
    --auth-choice custom-api-key --custom-provider-id fake --custom-base-url "http://127.0.0.1:$MODEL_PORT/v1" \
    --custom-model-id fake-1 --custom-api-key sk-fake --custom-compatibility openai --custom-text-input \
    --secret-input-mode plaintext --gateway-port "$GATEWAY_PORT" --gateway-bind loopback \
    --gateway-auth token --gateway-token "$BUILD_TOKEN" \
    --skip-channels --skip-skills --skip-search --skip-hooks --skip-ui --skip-health --skip-daemon || layer_failed "openclaw onboard failed"
  as_deploy_quietly openclaw gateway install --json || layer_failed "openclaw gateway install failed"
  log "waiting for the gateway …"
  wait_gateway "$BUILD_HOST"
  as_deploy_quietly systemctl --user stop "$GATEWAY_UNIT"
  compile_turns "$BUILD_HOST"
  shut_down_host "$BUILD_HOST"
  keep_disk_as_layer "$BUILD_HOST" "$layer" mv
  down_host "$BUILD_HOST"
  unlock "host-$BUILD_HOST"
  log "layer $layer ready after $((SECONDS - started)) s, $(du -sh "$(layer_path "$layer")" | cut -f1)"
  prune_cache
}
layer_failed() { tail -15 "$STATE/layer.log" >&2; die "$1; the log is $STATE/layer.log, the host $BUILD_HOST is kept for inspection"; }

# Runs as deploy, in deploy's home, with Node on the PATH; what it prints goes to the log and to stdout.
as_deploy() {
  exec_in_host "$BUILD_HOST" --user deploy env PATH="/opt/node24/bin:/usr/local/bin:/usr/bin:/bin" bash -c 'cd && exec "$@"' deploy "$@" \
    2>>"$STATE/layer.log" | tee -a "$STATE/layer.log"
}
as_deploy_quietly() { as_deploy "$@" >/dev/null; }

# Node and npm from their npm packages, in a prefix that belongs to the gateway's user, on the PATH of login shells only.
install_node() {
  local root architecture downloads=$STATE/downloads package
  root=$(root_of "$1")
  case $(uname -m) in x86_64) architecture=x64 ;; aarch64) architecture=arm64 ;; *) die "no Node package for $(uname -m)" ;; esac
  command -v npm >/dev/null || die "npm is needed to fetch Node for the layer"
  mkdir -p "$downloads" "$root/opt/node24/lib/node_modules/npm"
  for package in "node-linux-$architecture@$NODE_VERSION" "npm@$NPM_VERSION"; do
    [ -e "$downloads/${package/@/-}.tgz" ] || (cd "$downloads" && npm pack --silent "$package" >/dev/null) || die "npm could not fetch $package"
  done
  tar xzf "$downloads/node-linux-$architecture-$NODE_VERSION.tgz" -C "$root/opt/node24" --strip-components=1
  tar xzf "$downloads/npm-$NPM_VERSION.tgz" -C "$root/opt/node24/lib/node_modules/npm" --strip-components=1
  ln -sf ../lib/node_modules/npm/bin/npm-cli.js "$root/opt/node24/bin/npm"
  ln -sf ../lib/node_modules/npm/bin/npx-cli.js "$root/opt/node24/bin/npx"
  chown -R "$DEPLOY_UID:$DEPLOY_UID" "$root/opt/node24"
  # shellcheck disable=SC2016 # the login shell expands it
  echo 'PATH=/opt/node24/bin:$PATH' >"$root/etc/profile.d/node24.sh"
}

# Node keeps the compiled code of user services on the disk, as OpenClaw's documentation tells small servers to: its default place,
# /tmp, is empty after each boot, and a third of the CPU of a gateway's start is compiling. A stop writes it, so the layer has it.
keep_compiled_code() {
  local directory
  directory=$(root_of "$1")/etc/systemd/user.conf.d
  mkdir -p "$directory"
  printf '[Manager]\nDefaultEnvironment=NODE_COMPILE_CACHE=/home/deploy/.cache/node-compile-cache\n' >"$directory/compile-cache.conf"
}

# The first turn of an agent loads as much code again. What OpenClaw remembers of it goes: the state is put back as it was before.
compile_turns() {
  as_deploy_quietly cp -a .openclaw .openclaw.before
  as_deploy_quietly systemctl --user start "$GATEWAY_UNIT"
  wait_gateway "$1"
  as_deploy_quietly openclaw agent --agent main --message hello --json || layer_failed "a turn of OpenClaw failed"
  as_deploy_quietly systemctl --user stop "$GATEWAY_UNIT"
  as_deploy_quietly rm -rf .openclaw
  as_deploy_quietly mv .openclaw.before .openclaw
}

# The model that OpenClaw talks to, from this checkout, started at boot.
install_model_server() {
  local root
  root=$(root_of "$1")
  install -D -m 644 "$here/fake-model-server.ts" "$root/opt/fake-model/fake-model-server.ts"
  mkdir -p "$root/etc/systemd/system/multi-user.target.wants"
  cat >"$root/etc/systemd/system/fake-model.service" <<UNIT
[Unit]
Description=Fake model server
[Service]
ExecStart=/opt/node24/bin/node /opt/fake-model/fake-model-server.ts $MODEL_PORT
User=nobody
Restart=always
[Install]
WantedBy=multi-user.target
UNIT
  ln -sf ../fake-model.service "$root/etc/systemd/system/multi-user.target.wants/fake-model.service"
}

# keep_disk_as_layer NAME LAYER mv|cp: the host is off. What each host has of its own is left out.
keep_disk_as_layer() {
  local upper=$HOSTS/$1/disk/upper path
  path=$(layer_path "$2")
  mount_root "$1"
  umount -l "$HOSTS/$1/root"
  rm -rf --one-file-system "$path" "$path.ok"
  mkdir -p "$STATE/layers"
  if [ "$3" = mv ]; then mv "$upper" "$path"; else cp -a --reflink=auto "$upper" "$path"; fi
  rm -rf --one-file-system "$path"/{run,tmp,var/tmp,var/log,var/lib/systemd/random-seed,root/.ssh,home/deploy/.ssh,home/deploy/.npm,etc/machine-id}
  rm -f "$path"/etc/ssh/ssh_host_* "$path"/home/deploy/.openclaw/openclaw.json.bak* "$path"/home/deploy/.openclaw/openclaw.json.last-good
  : >"$path.ok"
}

save_layer() {
  local name=$1 layer=${2:?layer name}
  [[ $layer =~ ^[a-z0-9][a-z0-9.-]*$ ]] || die "bad layer name: $layer"
  lock_host "$name"
  ! host_runs "$name" || die "stop $name first"
  [ -z "$(option_of "$name" layer)" ] || die "$name has a layer itself: layers do not stack"
  keep_disk_as_layer "$name" "$layer" cp
}

# A host of an OpenClaw layer gets a token of its own and the model server of this checkout. The state is copied from the layer now:
# a file of the layer becomes another file at the first write, and a gateway that sees this while it starts gives up and starts anew.
personalize_openclaw() {
  local config token
  config=$(config_of "$1")
  token=$(od -An -tx1 -N24 /dev/urandom | tr -d ' \n')
  sed -i "s/$BUILD_TOKEN/$token/" "$config"
  chown -R "$DEPLOY_UID:$DEPLOY_UID" "$(dirname "$config")"
  install_model_server "$1"
}

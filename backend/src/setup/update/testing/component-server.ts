// A server with a Node, an npm and an Ollama in place of the real ones: the scripts of their updates run in this machine's /bin/sh, on programs of a
// few lines, and download from folders.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { AppError } from '../../../lib/app-error.ts';
import type { Installation } from '../../../openclaw/host/installation.ts';
import type { GatewayBefore } from '../../../openclaw/service/gateway-service.ts';
import type { BundleFile } from '../../carry/bundle.ts';
import type { Carried } from '../../carry/carrier.ts';
import { CARRIED_ORIGIN } from '../../carry/package-source.ts';
import { putBundle } from '../../carry/testing/put-bundle.ts';
import type { NewestVersions } from '../../newest-versions.ts';
import type { UpdateTools } from '../update-parts.ts';
import { createUpdateServer } from './update-server.ts';

export const OLD_NODE = '24.21.0';
export const NEW_NODE = '24.22.0';
export const OLD_NPM = '11.21.2';
export const NEW_NPM = '11.30.0';
export const OLD_OLLAMA = '0.12.0';
export const NEW_OLLAMA = '0.12.6';
export const ENGINES = '>=24.16.0 <25 || >=26.1.0';
const UNIT = '.config/systemd/user/openclaw-gateway.service';

/** Runs programs of /bin/sh, and what is given with -e as the real one does. */
const node = (version: string) => `#!/bin/sh
case $1 in
  --version) echo v${version} ;;
  -e) exec '${process.execPath}' "$@" ;;
  *)
    if [ -f "$HOME/refuses-node-${version}" ]; then echo "openclaw: Node ${version} is not supported." >&2; exit 1; fi
    exec /bin/sh "$@" ;;
esac
`;
const npm = (version: string) => `#!/bin/sh
case $1 in
  --version) echo ${version} ;;
  root) if [ -f "$HOME/broken-npm-${version}" ]; then echo nowhere; else echo "$4/lib/node_modules"; fi ;;
esac
`;

/** The last word is the URL: what lies in ~/web is found there. */
const CURL = `#!/bin/sh
for url; do :; done
echo "$url" >>"$HOME/downloaded"
file=$HOME/web/\${url#http*://}
case $* in
  *' -o '*)
    while [ "$1" != -o ]; do shift; done
    if [ -f "$file" ]; then cp "$file" "$2"; printf 200; else printf 404; fi ;;
  *) cat "$file" 2>/dev/null ;;
esac
`;

/** systemd knows a unit as it was at the last reload, and a drop-in may name another program. */
const SYSTEMCTL = `#!/bin/sh
unit=$HOME/${UNIT}
loaded=$HOME/loaded-unit
[ -f "$loaded" ] || cp "$unit" "$loaded"
exec_start() { cat "$HOME/drop-in" "$loaded" 2>/dev/null | sed -n 's/^ExecStart=//p' | head -n 1; }
case "$*" in
  *ollama.service*FragmentPath*) echo "FragmentPath=$(cat "$HOME/ollama-unit")" ;;
  *"restart ollama.service"*) printf '{"version":"%s"}' "$("$HOME/root/usr/local/bin/ollama")" >"$HOME/web/127.0.0.1:11434/api/version" ;;
  *LoadState*) echo LoadState=loaded ;;
  *daemon-reload*) cp "$unit" "$loaded" ;;
  *ExecStart*) echo "ExecStart={ path=$(exec_start | cut -d ' ' -f 1) ; argv[]=$(exec_start) ; ignore_errors=no ; start_time=[n/a] }" ;;
  *FragmentPath*) echo "FragmentPath=$unit" ;;
  *DropInPaths*) if [ -f "$HOME/drop-in" ]; then echo "DropInPaths=$HOME/drop-in"; fi ;;
  *"-p ActiveState -p"*) echo facts ;;
  *ActiveState*) if [ -f "$HOME/is-up" ]; then echo ActiveState=active; else echo ActiveState=inactive; fi ;;
  *MainPID*) if [ -f "$HOME/is-up" ]; then echo MainPID=1; else echo MainPID=0; fi ;;
  *Result*) echo Result=success ;;
  *" stop "*) echo stop >>"$HOME/orders"; rm -f "$HOME/is-up" ;;
  *" start "*)
    exec_start | cut -d ' ' -f 1 >"$HOME/runs-by"
    echo "start by $(basename "$(dirname "$(dirname "$(cat "$HOME/runs-by")")")")" >>"$HOME/orders"
    touch "$HOME/is-up" ;;
esac
`;
/** Says what the main process runs. */
const READLINK = `#!/bin/sh
case $2 in /proc/*/exe) exec /usr/bin/readlink -f "$(cat "$HOME/runs-by")" ;; *) exec /usr/bin/readlink "$@" ;; esac
`;
/** Asks for the password in the file sudo-asks, where there is one. */
const SUDO = `#!/bin/sh
if [ -f "$HOME/sudo-asks" ]; then
  case $1 in
    -S) read -r given; [ "$given" = "$(cat "$HOME/sudo-asks")" ] || exit 1 ;;
    *) echo 'sudo: a password is required' >&2; exit 1 ;;
  esac
fi
while :; do case $1 in -p) shift 2 ;; -*) shift ;; *) break ;; esac; done
exec "$@"
`;
/** A login that is not root, wherever the test runs. */
const ID = `#!/bin/sh
if [ "$*" = -u ] && [ "$(/usr/bin/id -u)" = 0 ]; then echo 1000; else exec /usr/bin/id "$@"; fi
`;
/** As that of its vendor, but that it brings a version of two lines. */
const OLLAMA_INSTALLER = `#!/bin/sh
set -eu
place=$HOME/root/usr/local
rm -rf "$place/lib/ollama"
mkdir -p "$place/lib/ollama"
echo "$OLLAMA_VERSION" >"$place/lib/ollama/library"
rm -f "$place/bin/ollama"
printf '#!/bin/sh\\necho %s\\n' "$OLLAMA_VERSION" >"$place/bin/ollama"
chmod 755 "$place/bin/ollama"
if [ -f "$HOME/ollama-stays" ]; then exit 0; fi
printf '{"version":"%s"}' "$OLLAMA_VERSION" >"$HOME/web/127.0.0.1:11434/api/version"
`;

export type ComponentServer = ReturnType<typeof createComponentServer>;

export function createComponentServer(name = 'buoy-component-') {
  const server = createUpdateServer(name);
  const { at } = server;
  const prefix = at('.local/openclaw');
  const bin = at('fake/bin');
  mkdirSync(bin, { recursive: true });
  server.env.PATH = `${bin}:/usr/bin:/bin`;
  const put = (file: string, text: string) => {
    mkdirSync(path.dirname(at(file)), { recursive: true });
    writeFileSync(at(file), text, { mode: 0o755 });
  };
  const link = (target: string, file: string) => {
    rmSync(at(file), { force: true });
    symlinkSync(target, at(file));
  };
  for (const [file, text] of Object.entries({
    curl: CURL,
    systemctl: SYSTEMCTL,
    readlink: READLINK,
    sudo: SUDO,
  }))
    put(`fake/bin/${file}`, text);
  // The lines that stop and start a gateway find it there.
  put('.local/openclaw/bin/systemctl', SYSTEMCTL);

  const putNpm = (folder: string, version: string) => {
    put(`${folder}/package.json`, `{\n  "name": "npm",\n  "version": "${version}"\n}\n`);
    for (const command of ['npm', 'npx']) put(`${folder}/bin/${command}-cli.js`, npm(version));
  };
  const putNode = (folder: string, version: string, npmVersion: string) => {
    put(`${folder}/bin/node`, node(version));
    putNpm(`${folder}/lib/node_modules/npm`, npmVersion);
  };
  const pack = (folder: string, file: string): Buffer => {
    mkdirSync(path.dirname(at(file)), { recursive: true });
    execFileSync('tar', ['-czf', at(file), '-C', path.dirname(at(folder)), path.basename(folder)]);
    return readFileSync(at(file));
  };

  putNode(`.local/openclaw/node-v${OLD_NODE}`, OLD_NODE, OLD_NPM);
  for (const [command, file] of [
    ['node', 'bin/node'],
    ['npm', 'lib/node_modules/npm/bin/npm-cli.js'],
    ['npx', 'lib/node_modules/npm/bin/npx-cli.js'],
  ])
    link(`../node-v${OLD_NODE}/${file}`, `.local/openclaw/bin/${command}`);
  put(
    '.local/openclaw/lib/node_modules/openclaw/package.json',
    `{\n  "name": "openclaw",\n  "version": "2026.7.35",\n  "engines": {\n    "node": "${ENGINES}"\n  }\n}\n`,
  );
  const unitText = (version: string) =>
    [
      '[Service]',
      `ExecStart=${prefix}/node-v${version}/bin/node --max-old-space-size=8192 ${prefix}/lib/node_modules/openclaw/dist/index.js gateway --port 18789`,
      `Environment=PATH=${prefix}/node-v${version}/bin:/usr/bin:/bin`,
      'Restart=always',
      '',
    ].join('\n');
  put(UNIT, unitText(OLD_NODE));
  put('runs-by', `${prefix}/node-v${OLD_NODE}/bin/node`);

  const archive = `node-v${NEW_NODE}-linux-${process.arch}`;
  const putDownload = (npmVersion = NEW_NPM) => {
    putNode(`built/${archive}`, NEW_NODE, npmVersion);
    const sum = createHash('sha256')
      .update(pack(`built/${archive}`, `web/node.test/v${NEW_NODE}/${archive}.tar.gz`))
      .digest('hex');
    put(`web/node.test/v${NEW_NODE}/SHASUMS256.txt`, `${sum}  ${archive}.tar.gz\n`);
  };
  putDownload();
  putNpm('built/package', NEW_NPM);
  const integrity = createHash('sha512')
    .update(pack('built/package', 'web/npm.test/npm.tgz'))
    .digest('base64');
  put(
    `web/npm.test/npm/${NEW_NPM}`,
    JSON.stringify({ dist: { tarball: 'http://npm.test/npm.tgz', integrity: `sha512-${integrity}` } }),
  );

  put('ollama-unit', '/etc/systemd/system/ollama.service');
  put('root/etc/systemd/system/ollama.service', '[Service]\n');
  put('root/usr/local/bin/ollama', `#!/bin/sh\necho ${OLD_OLLAMA}\n`);
  put('root/usr/local/lib/ollama/library', `${OLD_OLLAMA}\n`);
  put('web/127.0.0.1:11434/api/version', `{"version":"${OLD_OLLAMA}"}`);
  put('web/127.0.0.1:11434/api/tags', '{"models":[{"name":"a","digest":"1"},{"name":"b","digest":"2"}]}');
  put('web/ollama.test/install.sh', OLLAMA_INSTALLER);
  // This machine keeps its own.
  server.rewritten = (script) =>
    script
      .replaceAll('"$place/', '"$HOME/root$place/')
      .replaceAll('$PLACE/', '$HOME/root$PLACE/')
      .replace('unit=/etc/systemd', 'unit=$HOME/root/etc/systemd')
      .replace('MAX_SECONDS=60\n\nexpect_root', 'MAX_SECONDS=1\n\nexpect_root');

  const base = server.tools();
  const newest: NewestVersions = {
    openclaw: null,
    node: (line) => (line === 24 ? NEW_NODE : null),
    npm: NEW_NPM,
  };
  /** The version in the unit of the gateway. */
  const nodeOfUnit = () => /node-v([^/]*)\/bin\/node /.exec(readFileSync(at(UNIT), 'utf8'))?.[1];
  const own = {
    /** What the host says of OpenClaw otherwise. */
    installation: {} as Partial<Installation>,
    /** What the service is, otherwise. */
    gateway: {} as Partial<GatewayBefore>,
    /** Versions of Node with which the gateway does not become ready. */
    brokenNodes: new Set<string>(),
    newest: newest as NewestVersions | null,
    /** What Buoy was asked to bring. */
    brought: [] as string[],
    /** Changes what the script is told of what was sent. */
    onBrought: (sent: Carried): Carried => sent,
  };
  const bring = async (what: string, variables: Carried, files: readonly BundleFile[]): Promise<Carried> => {
    own.brought.push(what);
    return own.onBrought({ ...variables, ...(await putBundle(server.home, files)) });
  };
  const downloadAt = (file: string) => ({ path: at(file), sizeBytes: statSync(at(file)).size });
  const tools: UpdateTools = {
    ...base,
    downloads: { nodeMirror: 'http://node.test', npmRegistry: 'http://npm.test' },
    carrier: {
      ...base.carrier,
      bringNode: async (_context, version) => {
        const folder = `web/node.test/v${version}`;
        const files = ['SHASUMS256.txt', `${archive}.tar.gz`].map((name) => ({
          ...{ path: `/node/v${version}/${name}`, content: downloadAt(`${folder}/${name}`) },
        }));
        const sources = { NODE_MIRROR: `${CARRIED_ORIGIN}/node`, NPM_REGISTRY: CARRIED_ORIGIN };
        return bring(`node ${version}`, { NODE_VERSION: version, ...sources }, files);
      },
      bringNpm: async (_context, version) => {
        const told = readFileSync(at(`web/npm.test/npm/${version}`), 'utf8');
        return bring(`npm ${version}`, { NPM_REGISTRY: CARRIED_ORIGIN }, [
          { path: `/npm/${version}`, content: told.replace('http://npm.test', CARRIED_ORIGIN) },
          { path: '/npm.tgz', content: downloadAt('web/npm.test/npm.tgz') },
        ]);
      },
    },
    ollamaInstallUrl: 'http://ollama.test/install.sh',
    newestVersions: async () => own.newest ?? { openclaw: null, node: () => null, npm: null },
    installations: {
      find: async (...args) => ({ ...(await base.installations.find(...args)), ...own.installation }),
    },
    gatewayService: {
      ...base.gatewayService,
      inspect: async (context) => ({ ...(await base.gatewayService.inspect(context)), ...own.gateway }),
      async start(...args) {
        const started = await base.gatewayService.start(...args);
        if (own.brokenNodes.has(nodeOfUnit() ?? ''))
          throw new AppError('not_ready', 'The gateway runs, but did not become ready in time.');
        return started;
      },
    },
  };
  return Object.assign(server, {
    own,
    put,
    putDownload,
    putNode,
    /** From now on the login is not root, and sudo asks for this password. */
    askForPassword(password: string) {
      put('fake/bin/id', ID);
      put('sudo-asks', password);
    },
    tools: () => tools,
    nodeOfUnit,
    unit: () => readFileSync(at(UNIT), 'utf8'),
    unitText,
    /** Where the command of that name leads. */
    linked: (command: string) => readlinkSync(at(`.local/openclaw/bin/${command}`)),
    /** What was asked for on the net. */
    downloaded: () =>
      existsSync(at('downloaded')) ? readFileSync(at('downloaded'), 'utf8').trimEnd().split('\n') : [],
    text: (file: string) => readFileSync(at(file), 'utf8').trim(),
  });
}

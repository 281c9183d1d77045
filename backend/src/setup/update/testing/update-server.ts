// A server with an OpenClaw of two lines: the scripts of an update run in this machine's /bin/sh, on programs in place of npm and OpenClaw.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Agent, CronJob, Downloader, OpenclawSession, Skill } from '@buoy/contract';
import type { SetupSnapshotTable } from '../../../db/schema.ts';
import { AppError } from '../../../lib/app-error.ts';
import { systemClock } from '../../../lib/clock.ts';
import type { GatewayBefore, GatewayService } from '../../../openclaw/service/gateway-service.ts';
import { runInLocalShell } from '../../../openclaw/testing/local-shell.ts';
import { quote } from '../../../ssh/quote.ts';
import type { RemoteRuns } from '../../../tasks/remote-run.ts';
import type { UpdateTools } from '../update-parts.ts';

export const OLD = '2026.7.35';
export const NEW = '2026.9.6';

/** `$1` view or install, of the version that is asked for. A file in the home makes it fail as a registry would. */
const NPM = `#!/bin/sh
echo "$*" >>"$HOME/npm-called"
if [ -f "$HOME/npm-says" ]; then cat "$HOME/npm-says" >&2; exit 1; fi
version=$(echo "$*" | sed 's/.*openclaw@\\([^ ]*\\).*/\\1/')
[ "$version" != latest ] || version=${NEW}
case $1 in
  view) echo "$version" ;;
  install)
    prefix=$(echo "$*" | sed 's/.*--prefix \\([^ ]*\\).*/\\1/')
    package=$prefix/lib/node_modules/openclaw
    mkdir -p "$prefix/bin" "$package"
    printf '{\\n  "name": "openclaw",\\n  "version": "%s"\\n}\\n' "$version" >"$package/package.json"
    cp "$HOME/openclaw-program" "$package/openclaw.mjs"
    ln -s ../lib/node_modules/openclaw/openclaw.mjs "$prefix/bin/openclaw" ;;
esac
`;
/**
 * Its state is one line, which a migration changes. Its archives are that line alone or, with the file `archives-folders`, as those of OpenClaw: the folder
 * without its conversations, logs and packages, as that of the home in the file `archived-as`.
 */
const OPENCLAW = `#!/bin/sh
version=$(sed -n 's/.*"version": "\\(.*\\)".*/\\1/p' "$(dirname "$(readlink -f "$0")")/package.json")
echo "$version $*" >>"$HOME/called"
case "$1 $2" in
  "--version ") echo "OpenClaw $version" ;;
  "backup create")
    if [ -f "$HOME/backup-fails" ]; then echo 'The config is invalid.' >&2; exit 1; fi
    if [ ! -f "$HOME/archives-folders" ]; then cp "$HOME/.openclaw/state" "$5"; exit; fi
    tree=$HOME/.archive-tree
    inside=$tree/backup/payload/posix$(cat "$HOME/archived-as" 2>/dev/null || echo "$HOME")
    mkdir -p "$inside" && echo '{}' >"$tree/backup/manifest.json" && cp -a "$HOME/.openclaw" "$inside/"
    rm -rf "$inside/.openclaw/logs" "$inside/.openclaw/npm" "$inside"/.openclaw/agents/*/sessions/*.jsonl
    tar -C "$tree" -czf "$5" backup && rm -rf "$tree" ;;
  "backup verify")
    if [ -f "$HOME/archives-folders" ]; then gzip -t "$3" || exit 1; fi ;;
  "doctor --fix")
    echo "of $version" >"$HOME/.openclaw/state"
    if [ -f "$HOME/migration-fails" ]; then echo 'A table is locked.' >&2; exit 1; fi ;;
esac
`;

/** Of a user unit, which is up while the file `is-up` is there. */
const SYSTEMCTL = `#!/bin/sh
version=$(sed -n 's/.*"version": "\\(.*\\)".*/\\1/p' "$HOME/.local/openclaw/lib/node_modules/openclaw/package.json")
case "$*" in
  *LoadState*) echo LoadState=loaded ;;
  *"-p ActiveState -p"*) echo facts ;;
  *ActiveState*) if [ -f "$HOME/is-up" ]; then echo ActiveState=active; else echo ActiveState=inactive; fi ;;
  *MainPID*) if [ -f "$HOME/is-up" ]; then echo MainPID=1; else echo MainPID=0; fi ;;
  *Result*) echo Result=success ;;
  *" stop "*)
    if [ -f "$HOME/stop-fails" ]; then exit 1; fi
    echo "stop $version" >>"$HOME/orders"
    ls -s "$HOME"/.openclaw.before-update.*.room >"$HOME/room-at-stop" 2>/dev/null
    rm -f "$HOME/is-up" ;;
  *" start "*)
    echo "start $version" >>"$HOME/orders"
    touch "$HOME/is-up" ;;
esac
`;

export type UpdateServer = ReturnType<typeof createUpdateServer>;

/** @param name of its home begins with that */
export function createUpdateServer(name = 'buoy-update-') {
  const home = mkdtempSync(path.join(tmpdir(), name));
  const at = (file: string) => path.join(home, file);
  const prefix = at('.local/openclaw');
  const modules = path.join(prefix, 'lib/node_modules');
  const env = { HOME: home, PATH: '/usr/bin:/bin', SHELL: '/bin/sh' };

  mkdirSync(path.join(prefix, 'bin'), { recursive: true });
  mkdirSync(path.join(modules, 'openclaw'), { recursive: true });
  symlinkSync(process.execPath, path.join(prefix, 'bin/node'));
  const program = (file: string, text: string) => writeFileSync(file, text, { mode: 0o755 });
  program(path.join(prefix, 'bin/npm'), NPM);
  program(path.join(prefix, 'bin/systemctl'), SYSTEMCTL);
  writeFileSync(at('is-up'), '');
  program(at('openclaw-program'), OPENCLAW);
  program(path.join(modules, 'openclaw/openclaw.mjs'), OPENCLAW);
  writeFileSync(
    path.join(modules, 'openclaw/package.json'),
    `{\n  "name": "openclaw",\n  "version": "${OLD}"\n}\n`,
  );
  symlinkSync('../lib/node_modules/openclaw/openclaw.mjs', path.join(prefix, 'bin/openclaw'));
  mkdirSync(at('.openclaw/workspace'), { recursive: true });
  mkdirSync(at('.openclaw/.hidden'));
  writeFileSync(at('.openclaw/openclaw.json'), '{}');
  writeFileSync(at('.openclaw/state'), `of ${OLD}\n`);
  writeFileSync(at('.openclaw/.hidden/key'), 'secret');
  writeFileSync(at('.openclaw/workspace/MEMORY.md'), 'remembered');
  chmodSync(home, 0o755);

  const version = () => {
    const manifest = path.join(modules, 'openclaw/package.json');
    return existsSync(manifest) ? /"version": "(.*)"/.exec(readFileSync(manifest, 'utf8'))?.[1] : undefined;
  };
  const server = {
    home,
    at,
    env,
    get isUp() {
      return existsSync(at('is-up'));
    },
    /** A gateway answers that systemd knows nothing of. */
    hasAnother: false,
    /** Whether the gateway answered before the update. */
    answers: true,
    /** What the gateway of each version lists. */
    sessions: {
      [OLD]: ['agent:main:main', 'agent:main:work'],
      [NEW]: ['agent:main:main', 'agent:main:work'],
    },
    /** Versions whose gateway does not become ready. */
    broken: new Set<string>(),
    isBusy: false,
    /** Milliseconds that have passed besides those of this machine. */
    passedMs: 0,
    onHello: () => {},
    /** Whether a person owns a server. */
    owns: (_userId: string, _serverId: string) => true,
    address: { host: 'server.test', port: 22, username: 'claw', hostKeyFingerprint: 'SHA256:one' },
    /** What is known of its archives. */
    records: [] as SetupSnapshotTable[],
    /** What update policies make of the version that was asked for. */
    targetOf: (wanted: string) => wanted,
    /** Who downloads where nobody is asked to. */
    downloader: 'server' as Downloader,
    /** What the registry has for Buoy itself. */
    openclawAtBuoy: async (_wanted: string): Promise<string> => {
      throw new AppError('registry_failed', 'Buoy could not download the package openclaw.');
    },
    /** Sends what Buoy has downloaded; answers the variables of the script. */
    bring: async (_version: string): Promise<Record<string, string>> => ({}),
    /** Errors with which it cannot be reached, one for each script that is run at once. */
    outages: [] as AppError[],
    /** What the gateway names as its config, and the unit as its folder. */
    configPath: at('.openclaw/openclaw.json'),
    statePath: at('.openclaw'),
    /** What was done with the service, by the version that was there. */
    orders: () => (existsSync(at('orders')) ? readFileSync(at('orders'), 'utf8').trimEnd().split('\n') : []),
    /** Changes what is run at once. */
    inShell: (script: string) => script,
    /** Changes whatever is run. */
    rewritten: (script: string) => script,
    onScript: (_script: string) => {},
    /** Called with the name of each script that has ended, before it is known. */
    onEnded: (_run: string) => {},
    /** Errors of the next questions whether a gateway answers. */
    probeOutages: [] as AppError[],
    version,
    state: () => readFileSync(at('.openclaw/state'), 'utf8').trim(),
    write: (file: string, text: string) => writeFileSync(at(file), text),
    exists: (file: string) => existsSync(at(file)),
    called: () => readFileSync(at('called'), 'utf8').trimEnd().split('\n'),
    remove: () => rmSync(home, { recursive: true, force: true }),
    /** A program of /bin/sh, with `lines`. */
    program: (file: string, lines: string) => program(at(file), `#!/bin/sh\n${lines}\n`),
    run: (script: string, args: readonly string[] = []) =>
      runInLocalShell(server.rewritten(script), args, { env }),
    tools: (): UpdateTools => tools,
  };

  const ended = new Map<string, { exitCode: number; text: string }>();
  const remoteRuns: RemoteRuns = {
    async start(_serverId, run, { script, secrets }) {
      if (ended.has(run)) return;
      server.onScript(script);
      const variables = Object.entries((await secrets?.()) ?? {}).map(
        ([name, value]) => `${name}=${quote(value)}\n`,
      );
      const { exitCode, stdout, stderr } = server.run(variables.join('') + script);
      ended.set(run, { exitCode: exitCode ?? 1, text: stdout + stderr });
    },
    async follow(_serverId, run, { onOutput, signal }) {
      signal.throwIfAborted();
      server.onEnded(run);
      const { exitCode, text } = ended.get(run)!;
      await onOutput(text, Buffer.byteLength(text));
      return { exitCode };
    },
    cancel: async () => {},
    remove: async () => {},
  };
  const unit = { manager: 'systemd-user', unit: 'openclaw-gateway.service' } as const;
  const control = (order: 'stop' | 'start') =>
    server.run(`PATH=$HOME/.local/openclaw/bin:$PATH; systemctl --user ${order} ${unit.unit}`);
  const gatewayService: GatewayService = {
    inspect: async (): Promise<GatewayBefore> => ({
      ...{ ...unit, port: 18_789, bootId: 'b1', answers: server.answers },
      ...{ activeState: 'active', pid: 1, hostTimeMs: 0 },
    }),
    async stop() {
      control('stop');
      return { killed: false };
    },
    async start() {
      control('start');
      if (server.broken.has(version() ?? ''))
        throw new AppError('not_ready', 'The gateway runs, but did not become ready in time.');
      return { readyAtMs: systemClock.now() };
    },
  };
  const listed = { source: 'gateway' as const, observedAt: '2026-03-01T10:00:00.000Z' };
  const tools = {
    ssh: {
      async script(_serverId: string, script: string, args: readonly string[]) {
        const outage = server.outages.shift();
        if (outage !== undefined) throw outage;
        return server.run(server.inShell(script), args);
      },
      async writeFile(_serverId: string, file: string, content: Buffer | string, { mode }: { mode: number }) {
        writeFileSync(at(file.replace(/^~\//, '')), content, { mode });
      },
    },
    snapshots: {
      async add(row: SetupSnapshotTable) {
        server.records.unshift(row);
      },
      find: async (serverId: string, id: string) =>
        server.records.find((row) => row.serverId === serverId && row.id === id) ?? null,
      ofServer: async (serverId: string) => server.records.filter((row) => row.serverId === serverId),
      async remove(_serverId: string, id: string) {
        server.records = server.records.filter((row) => row.id !== id);
        return true;
      },
    },
    isOwner: async (userId: string, serverId: string) => server.owns(userId, serverId),
    addressOf: async () => server.address,
    remoteRuns,
    onInstalled: () => {},
    downloads: { npmRegistry: 'http://127.0.0.1:9', nodeMirror: null },
    carrier: {
      openclawVersion: (wanted: string) => server.openclawAtBuoy(wanted),
      bringOpenclaw: async (_context: unknown, { version: wanted }: { version: string }) =>
        server.bring(wanted),
      remove: async () => {},
    },
    chooseDownloader: async (_context: unknown, asked: Downloader | undefined) => asked ?? server.downloader,
    installations: {
      find: async () => ({
        ...{ installed: true, version: OLD, port: 18_789, bind: null, authMode: null, linger: true },
        ...{ binaryPath: path.join(prefix, 'bin/openclaw'), nodePath: path.join(prefix, 'bin/node') },
        ...{
          configPath: server.configPath,
          statePath: server.statePath,
          ...unit,
        },
      }),
    },
    gateways: {
      hello: async () => {
        server.onHello();
        return { version: version() ?? '', bootId: 'b2', uptimeMs: 1, authMode: 'token' };
      },
      async probe() {
        const outage = server.probeOutages.shift();
        if (outage !== undefined) throw outage;
        if (!server.hasAnother && !server.isUp)
          throw new AppError('gateway_unavailable', 'Nothing listens on the port of the gateway.');
      },
      call: async (
        _serverId: string,
        _method: string,
        _params: object,
        schema: { parse(value: unknown): unknown },
      ) => schema.parse({ safe: !server.isBusy, summary: '1 run' }),
    },
    gatewayService,
    updateTarget: async ({ wanted }: { wanted: string }) => server.targetOf(wanted),
    inventorySources: {
      agents: { list: async () => ({ ...listed, agents: [{ id: 'main' } as Agent] }) },
      sessions: {
        list: async () => ({
          ...listed,
          sessions: server.sessions[version() as typeof OLD].map((key) => ({ key }) as OpenclawSession),
        }),
      },
      cron: {
        list: async () => ({
          ...listed,
          jobs: [{ id: 'job-1', system: false, schedule: { kind: 'every', everyMs: 1 } } as CronJob],
        }),
      },
      skills: { list: async () => ({ ...listed, skills: [{ name: 'mine', source: 'managed' } as Skill] }) },
    },
    clock: { ...systemClock, now: () => systemClock.now() + server.passedMs },
  } as unknown as UpdateTools;
  return server;
}

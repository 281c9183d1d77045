// An installed Buoy in a folder of its own: the packaged `buoy-server`, settings, data, and a test in place of systemd.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type BuoyProcess, startBuoy } from '../../../testbed/buoy-process.ts';
import { type CommandResult, runCommand } from '../../../testbed/run-command.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const COMMAND_DEADLINE_MS = 120_000;

type TypingOptions = {
  /** Shell functions and variables that are defined before the first line. */
  before?: string;
  env?: Record<string, string>;
  input?: string;
};

export type InstalledBuoy = {
  /** The running Buoy. */
  running(): BuoyProcess;
  dataDir: string;
  /** The working directory of the person who types. */
  home: string;
  start(): Promise<void>;
  stop(): Promise<void>;
  /**
   * Types lines of a page. `sudo` does nothing, /etc/buoy and /var/lib/buoy are folders of the test, and `systemctl` starts and stops
   * this Buoy. Rejects when a line exits with a code other than 0; returns the output of all of them.
   */
  type(lines: string, options?: TypingOptions): Promise<CommandResult>;
  close(): Promise<void>;
};

/** @param settings on top of /etc/buoy/buoy.env */
export async function installBuoy(settings: Record<string, string> = {}): Promise<InstalledBuoy> {
  const dir = mkdtempSync(path.join(tmpdir(), 'buoy-installed-'));
  const [program, home, etc] = ['opt', 'home', 'etc'].map((name) => path.join(dir, name)) as [
    string,
    string,
    string,
  ];
  const dataDir = path.join(dir, 'data');
  for (const folder of [path.join(program, 'bin'), home, etc]) mkdirSync(folder, { recursive: true });
  cpSync(path.join(root, 'packaging'), program, { recursive: true });
  for (const part of ['frontend', 'node_modules', 'package.json'])
    symlinkSync(path.join(root, part), path.join(program, part));
  await buildServer(path.join(program, 'backend/dist'));
  symlinkSync(process.execPath, path.join(program, 'bin/node'));
  writeFileSync(path.join(etc, 'buoy.env'), readFileSync(path.join(root, 'packaging/buoy.env')));

  let buoy: BuoyProcess | null = null;
  const start = async () => {
    buoy = await startBuoy({ ...settings, ...settingsIn(path.join(etc, 'buoy.env')), DATA_DIR: dataDir });
  };
  const stop = async () => {
    await buoy?.stop();
    buoy = null;
  };
  const service = { start, stop, restart: () => stop().then(start) };

  const run = async (lines: string, { before = '', env = {}, input }: TypingOptions) => {
    const typed = lines
      .replaceAll('-o buoy -g buoy ', '')
      .replaceAll('/etc/buoy/', `${etc}/`)
      .replaceAll('/var/lib/buoy', dataDir);
    const script = [
      'set -euo pipefail',
      'sudo() { "$@"; }',
      `buoy-server() { '${program}/bin/buoy-server' "$@"; }`,
      before,
      typed,
    ].join('\n');
    const result = await runCommand('bash', ['-c', `cd '${home}'\n${script}`], {
      timeoutMs: COMMAND_DEADLINE_MS,
      ...(input === undefined ? {} : { input }),
      env: {
        PATH: process.env.PATH,
        HOME: home,
        DATA_DIR: dataDir,
        BUOY_ENV_FILE: path.join(etc, 'buoy.env'),
        BUOY_AS_ROOT: '1',
        ...(buoy === null ? {} : { BUOY_URL: buoy.url }),
        ...env,
      },
    });
    if (result.code !== 0) throw new Error(`${lines}\nended with ${result.code}: ${result.stderr}`);
    return result;
  };

  return {
    running() {
      if (buoy === null) throw new Error('Buoy does not run.');
      return buoy;
    },
    dataDir,
    home,
    start,
    stop,
    async type(lines, options = {}) {
      const all: CommandResult = { code: 0, stdout: '', stderr: '' };
      for (const part of lines.split(/^(sudo systemctl \w+ buoy)$/m).filter((text) => text.trim() !== '')) {
        const act = /^sudo systemctl (start|stop|restart) buoy$/.exec(part)?.[1];
        if (act !== undefined) await service[act as keyof typeof service]();
        else {
          const { stdout, stderr } = await run(part, options);
          all.stdout += stdout;
          all.stderr += stderr;
        }
      }
      return all;
    },
    async close() {
      await stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** As `npm run package` does. */
async function buildServer(target: string): Promise<void> {
  const script = pathToFileURL(path.join(root, 'scripts/build-server.mjs')).href;
  const build = `await (await import('${script}')).buildServer(process.argv[1])`;
  const { code, stderr } = await runCommand(process.execPath, ['--input-type=module', '-e', build, target], {
    timeoutMs: COMMAND_DEADLINE_MS,
  });
  if (code !== 0) throw new Error(stderr);
}

function settingsIn(file: string): Record<string, string> {
  return Object.fromEntries(
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => /^\w+=/.test(line))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

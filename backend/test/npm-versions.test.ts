// A clone in a folder with spaces, with each supported npm: `npm start` as root, `npm test` as an ordinary account, with one also `npm run check`.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { isLongRun } from '../../testbed/long-run.ts';
import { runCommand } from '../../testbed/run-command.ts';

const root = path.resolve(import.meta.dirname, '../..');
const isRoot = process.getuid?.() === 0;
/** Root creates one with a shell, which the tests of commands over SSH need; otherwise the present account is ordinary enough. */
const account = `buoyt${process.pid.toString(36)}`;
const MINUTE_MS = 60_000;

/** What Debian 13 ships, what comes with Node 22, and two of npm 11: the older makes no node_modules/.bin/node either. */
const versions = [
  { npm: '9.2.0', node: '20' },
  { npm: '10.9.4', node: '22' },
  { npm: '11.6.0', node: '20' },
  { npm: '11.19.0', node: '22' },
];

/** What npm tells its scripts of its own folders: another account must not write to those of root. */
const foldersOfNpm = /^npm_config_(cache|prefix|local_prefix|global_prefix|init_module)$/i;

/** The settings by which this machine reaches the registry, without those of the present test run. */
const surroundings = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) =>
      /^(HOME$|NODE_EXTRA_CA_CERTS$|SSL_CERT_|npm_config_)|_proxy$/i.test(name) && !foldersOfNpm.test(name),
  ),
);

describe.runIf(isLongRun)('clone of the repository', () => {
  let folder: string;
  /** Home of the account: sshd prints a warning when it is missing. */
  let home: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'buoy-npm-'));
    chmodSync(folder, 0o755);
    home = path.join(folder, 'home');
    mkdirSync(home);
  });
  afterAll(async () => {
    if (isRoot) await runCommand('userdel', ['-f', account], { timeoutMs: MINUTE_MS });
    rmSync(folder, { recursive: true, force: true });
  }, 5 * MINUTE_MS);

  const shell = async (command: string, args: string[], env: NodeJS.ProcessEnv = process.env) => {
    const done = await runCommand('sh', ['-euc', command, ...args], { timeoutMs: 20 * MINUTE_MS, env });
    if (done.code !== 0) throw new Error(`${command}\n${done.stdout}${done.stderr}`);
    return done.stdout;
  };

  /** PATH with this npm and this Node before those of the system. */
  const installTools = async ({ npm, node }: (typeof versions)[number]): Promise<string> => {
    const tools = path.join(folder, `tools-${npm}`);
    mkdirSync(tools);
    const packages = [`npm@${npm}`, `node-linux-${process.arch}@${node}`];
    await shell('npm install --no-audit --no-fund --prefix "$0" "$@"', [tools, ...packages]);
    const modules = path.join(tools, 'node_modules');
    const nodeFolder = path.join(modules, `node-linux-${process.arch}`);
    // An installed Node has a lib folder beside bin, which npx reads.
    mkdirSync(path.join(nodeFolder, 'lib'));
    return `${modules}/.bin:${nodeFolder}/bin:/usr/bin:/bin:/usr/sbin:/sbin`;
  };

  /** The files that git knows, in their present state. */
  const clone = async (name: string): Promise<string> => {
    const checkout = path.join(folder, name);
    mkdirSync(checkout);
    await shell('cd "$0" && git ls-files -z | tar c --null -T - | tar x -C "$1"', [root, checkout]);
    return checkout;
  };

  const untilListening = async (running: ChildProcess, lines: string[]): Promise<string> => {
    running.stderr?.on('data', (chunk: Buffer) => lines.push(String(chunk)));
    const reader = createInterface({ input: running.stdout ?? process.stdin });
    return new Promise((resolve, reject) => {
      reader.on('line', (line) => {
        lines.push(line);
        if (line.includes('"msg":"listening"')) resolve(JSON.parse(line).url);
      });
      reader.on('close', () => reject(new Error(`It ended first:\n${lines.join('\n')}`)));
    });
  };

  test.each(versions)(
    'starts, answers and passes its tests with npm $npm and Node $node',
    { timeout: 30 * MINUTE_MS },
    async (version) => {
      const PATH = await installTools(version);
      const checkout = await clone(`a clone by npm ${version.npm}`);
      const environment = {
        ...surroundings,
        PATH,
        PORT: '0',
        DATA_DIR: path.join(folder, `data ${version.npm}`),
      };
      expect(await shell('cd "$0" && npx ./cli --version', [checkout], environment)).toBe(
        `${manifest.version}\n`,
      );
      const running = spawn('npm', ['start'], { cwd: checkout, env: environment });
      const lines: string[] = [];
      const url = await untilListening(running, lines);
      expect((await fetch(`${url}/api/health`)).status).toBe(200);
      running.kill('SIGTERM');
      const [exitCode] = await once(running, 'close');
      expect(exitCode, lines.join('\n')).toBe(0);

      let ordinary = {};
      if (isRoot) {
        await shell('id "$0" >/dev/null 2>&1 || useradd -M -d "$1" -s /bin/sh -p "*" "$0"', [account, home]);
        await shell('chown -R "$0" "$@"', [account, checkout, home]);
        const [uid, gid] = (await shell('id -u "$0"; id -g "$0"', [account])).split('\n').map(Number);
        ordinary = { uid, gid };
      }
      for (const words of [
        ['test', '--', '--project', 'unit', 'backend/src/lib/urls.test.ts'],
        // Once is enough: it calls each tool by its own file, in the same tree of packages.
        ...(version === versions[0] ? [['run', 'check']] : []),
      ]) {
        const child = spawn('npm', words, {
          cwd: checkout,
          env: { ...surroundings, PATH, HOME: home },
          ...ordinary,
        });
        let said = '';
        for (const stream of [child.stdout, child.stderr])
          stream.on('data', (chunk: Buffer) => {
            said += String(chunk);
          });
        const [code] = await once(child, 'close');
        expect(code, said).toBe(0);
      }
    },
  );
});

// Installs Buoy on a fresh Debian 13 by typing the commands of README and docs/install.md, and checks the result.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { acquireHost, type Host, releaseAll } from '../../testbed/hosts.ts';
import { listenOnLoopback } from '../../testbed/listen-on-loopback.ts';
import { isLongRun } from '../../testbed/long-run.ts';
import { openSignInLink } from '../../testbed/open-sign-in-link.ts';
import { type CommandResult, runCommand } from '../../testbed/run-command.ts';
import { testHost } from '../../testbed/test-hosts.ts';
import { until } from '../../testbed/until.ts';
import { browserMissing, openBrowser, openPage, type WatchedPage } from './support/browser.ts';

const root = path.resolve(import.meta.dirname, '../..');
const missing = isLongRun ? browserMissing || inject('hostsMissing') : 'in npm run test:long';
const MINUTE_MS = 60_000;
const COMMAND_MS = 30 * MINUTE_MS;
const TEST_TIMEOUT_MS = 60 * MINUTE_MS;
/** What both pages name. */
const ORIGIN = 'http://127.0.0.1:8080';
const linkPattern = /http:\S+\/sign-in#code=\S+(?=\s)/;

const pageText = (page: string): string => readFileSync(path.join(root, page), 'utf8');
const shellBlocks = (page: string): string[] =>
  [...pageText(page).matchAll(/^```(?:sh)?\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);

/** What a page gives to type: the lines of its blocks without their remarks, and what stands between backticks. */
function commandsOf(page: string): string[] {
  const lines = shellBlocks(page).flatMap((block) => block.split('\n'));
  const spans = [...pageText(page).matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);
  return [...lines.map((line) => line.replace(/ +# .*$/, '')), ...spans];
}

const destination = (host: Host): string[] => [
  ...['-i', host.key, '-o', 'BatchMode=yes', '-o', 'LogLevel=ERROR'],
  ...['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null'],
  `${host.user}@${host.host}`,
];

/** Types a command of a page in a folder of the host's person, who says yes to what it asks, and expects that it ends well. */
async function type(host: Host, page: string, command: string, folder = '.'): Promise<CommandResult> {
  expect(commandsOf(page)).toContain(command);
  return run('ssh', [...destination(host), `cd ${folder} && ${command}`], 'y\n');
}

async function run(program: string, args: string[], input = ''): Promise<CommandResult> {
  const done = await runCommand(program, args, { timeoutMs: COMMAND_MS, input });
  if (done.code !== 0) throw new Error(`${args.at(-1)}: ${done.code}\n${done.stdout}${done.stderr}`);
  return done;
}

describe.skipIf(missing !== '')(`the first hour${missing && ` (skipped: ${missing})`}`, () => {
  const hostName = testHost('first-hour');
  let folder: string;
  let checkout: Host;
  const ends: (() => unknown)[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'buoy-first-hour-'));
    await releaseAll({ prefix: hostName });
    checkout = await acquireHost({ name: hostName });
    await checkout.exec('apt-get update', { timeoutMs: COMMAND_MS });
    await type(checkout, 'README.md', 'sudo apt install --no-install-recommends npm');
    const files = 'cd "$0" && git ls-files -z | tar c --null -T - | ssh "$@" "mkdir buoy && tar x -C buoy"';
    await run('bash', ['-euo', 'pipefail', '-c', files, root, ...destination(checkout)]);
  }, TEST_TIMEOUT_MS);
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });
  afterAll(async () => {
    await releaseAll({ prefix: hostName });
    rmSync(folder, { recursive: true, force: true });
  }, 5 * MINUTE_MS);

  /** Opens the way to the host's own Buoy that a page tells. @returns the port of this machine that stands for 8080, which may be taken here */
  async function forward(host: Host, page: string): Promise<number> {
    const command = 'ssh -L 8080:127.0.0.1:8080 MACHINE';
    expect(commandsOf(page)).toContain(command);
    const server = createServer();
    const { port } = await listenOnLoopback(server);
    server.close();
    await once(server, 'close');
    const [program = '', ...words] = command.replace('-L 8080', `-L ${port}`).split(' ');
    const child = spawn(program, [...words.slice(0, -1), ...destination(host)], { stdio: 'pipe' });
    ends.push(() => child.kill());
    return port;
  }

  /** A browser of this machine, in which the address of the pages leads to the port. */
  async function browse(port: number): Promise<Browser> {
    await until(MINUTE_MS, () => fetch(`http://127.0.0.1:${port}/api/health`).catch(() => null));
    const browser = await openBrowser([`MAP ${new URL(ORIGIN).host} 127.0.0.1:${port}`]);
    ends.push(() => browser.close());
    return browser;
  }

  const headed = (page: Page, name: string) => page.getByRole('heading', { level: 1, name }).waitFor();

  /** Opens a link as it was printed, and expects to be in, also after a reload. */
  async function signIn(browser: Browser, link: string): Promise<WatchedPage> {
    const watched = await openPage(browser, ORIGIN);
    await openSignInLink(watched.page, link);
    await headed(watched.page, 'Servers');
    await watched.page.reload();
    await headed(watched.page, 'Servers');
    return watched;
  }

  it('from a checkout: npm start serves a signed-in page, invites a second person, and npm run check passes', {
    timeout: TEST_TIMEOUT_MS,
    retry: 0,
  }, async () => {
    expect((await checkout.exec('npm --version')).stdout).toMatch(/^9\.2\./);
    expect(commandsOf('README.md')).toContain('npm start');
    const running = spawn('ssh', ['-tt', ...destination(checkout), 'cd buoy && npm start']);
    ends.push(() => running.kill());
    let said = '';
    const link = await new Promise<string>((resolve, reject) => {
      running.stdout.on('data', (chunk) => {
        said += chunk;
        const [found] = linkPattern.exec(said) ?? [];
        if (found !== undefined) resolve(found);
      });
      running.once('close', () => reject(new Error(`It ended first:\n${said}`)));
    });
    expect(link.startsWith(`${ORIGIN}/`)).toBe(true);

    const browser = await browse(await forward(checkout, 'README.md'));
    const { page: admin, complaints } = await signIn(browser, link);
    await admin.goto(`${ORIGIN}/admin/users`);
    await admin.getByRole('button', { name: 'Invite a person' }).click();
    await admin.getByLabel('Name of the person').fill('Grace Hopper');
    await admin.getByRole('button', { name: 'Create sign-in link' }).click();
    const made = admin.getByRole('region', { name: 'Grace Hopper can sign in' });
    const invitation = (await made.getByText(/\/sign-in#code=/).textContent()) ?? '';
    const guest = await signIn(browser, invitation);
    await guest.page.goto(`${ORIGIN}/account`);
    await guest.page.getByText('Grace Hopper').first().waitFor();
    expect([...complaints, ...guest.complaints]).toEqual([]);

    const ended = once(running, 'close');
    // Ctrl-C.
    running.stdin.write('\x03');
    expect(await ended).toEqual([0, null]);
    await type(checkout, 'README.md', 'npm run check', 'buoy');
  });

  it('from the archive: installs a service and signs in on a machine without npm and internet', {
    timeout: TEST_TIMEOUT_MS,
    retry: 0,
  }, async () => {
    await type(checkout, 'docs/install.md', 'npm run package', 'buoy');
    const machine = await acquireHost({ name: `${hostName}-bare`, internet: false });
    const from = destination(checkout);
    await run('scp', ['-q', ...from.slice(0, -1), `${from.at(-1)}:buoy/dist/*`, folder]);
    const to = destination(machine);
    const archive = readdirSync(folder).map((file) => path.join(folder, file));
    await run('scp', ['-q', ...to.slice(0, -1), ...archive, `${to.at(-1)}:`]);

    const [block = ''] = shellBlocks('docs/install.md');
    const here = block.replaceAll('linux-x64', `linux-${process.arch}`);
    const { stdout } = await run('ssh', [...destination(machine), `set -e\n${here}`]);
    const [link = ''] = linkPattern.exec(stdout) ?? [];
    const { complaints } = await signIn(await browse(await forward(machine, 'docs/install.md')), link);
    expect(complaints).toEqual([]);
    expect((await machine.exec('systemctl is-active buoy')).stdout).toBe('active\n');
  });
});

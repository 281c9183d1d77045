// A host of the test bed as its owner uses it: a shell with sudo, the pages of docs/, and Buoy as a service.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { acquireHost, type Host } from '../../../testbed/hosts.ts';
import { runCommand } from '../../../testbed/run-command.ts';
import { testHost } from '../../../testbed/test-hosts.ts';
import { until } from '../../../testbed/until.ts';
import { codeBlockWith } from './doc-page.ts';
import type { MadeArchive } from './made-archive.ts';

const root = path.resolve(import.meta.dirname, '../../..');
export const installPage = 'docs/install.md';
/** Milliseconds for lines that install something; a busy machine takes long. */
const LINES_MS = 10 * 60_000;
const ANSWER_MS = 90_000;

/** A new host on which nothing is installed, whatever an earlier run left under its name. */
export async function freshHost(name: string): Promise<Host> {
  const options = { name: testHost(name) };
  await (await acquireHost(options)).down();
  return acquireHost(options);
}

/** A command in the text of a page. Throws when the page lacks it. */
export function commandIn(page: string, command: string): string {
  if (!readFileSync(path.join(root, page), 'utf8').replaceAll(/\s+/g, ' ').includes(`\`${command}\``))
    throw new Error(`${page} does not tell "${command}".`);
  return command;
}

/** The lines of the install page, for this archive. */
export const installLines = (archive: MadeArchive): string =>
  codeBlockWith(installPage, 'sh', 'install.sh').replaceAll(/buoy-\d[\d.]*-linux-[a-z0-9]+/g, archive.name);

export function installedHost(host: Host) {
  const run = async (lines: string, user: 'root' | 'deploy') => {
    const done = await host.exec(['bash', '-euc', lines], { user, timeoutMs: LINES_MS });
    if (done.code !== 0) throw new Error(`${lines}\nended with ${done.code}.\n${done.stdout}${done.stderr}`);
    return done.stdout.trim();
  };
  /** Types lines as a person with sudo; returns their output. Throws when one of them fails. */
  const asPerson = (lines: string) => run(lines, 'deploy');
  const asRoot = (lines: string) => run(lines, 'root');
  const service = async () =>
    Object.fromEntries(
      (await asRoot('systemctl show buoy -p ActiveState,Result,ExecMainStatus,NRestarts,MainPID'))
        .split('\n')
        .map((line) => line.split('=') as [string, string]),
    );
  return {
    host,
    asPerson,
    asRoot,
    /** The systemd state of Buoy. */
    service,
    /** The same lines, whatever their exit codes. */
    tryAsPerson: (lines: string) =>
      host.exec(['bash', '-uc', lines], { user: 'deploy', timeoutMs: LINES_MS }),
    write: async (file: string, text: string) => {
      const done = await host.exec(['bash', '-euc', 'mkdir -p "$(dirname "$0")"; cat >"$0"', file], {
        input: text,
      });
      if (done.code !== 0) throw new Error(done.stderr);
    },
    /** Copies an archive and its hash over, as the page says. */
    bring: async ({ file, name }: MadeArchive) => {
      await asPerson(`rm -rf ~/${name}`);
      const options = [
        'StrictHostKeyChecking=no',
        'UserKnownHostsFile=/dev/null',
        'BatchMode=yes',
        'LogLevel=ERROR',
      ];
      const done = await runCommand(
        'scp',
        [
          '-i',
          host.key,
          ...options.flatMap((option) => ['-o', option]),
          file,
          `${file}.sha256`,
          `deploy@${host.host}:`,
        ],
        { timeoutMs: LINES_MS, env: process.env },
      );
      if (done.code !== 0) throw new Error(done.stderr);
    },
    untilAnswers: () =>
      until(
        ANSWER_MS,
        async () => (await host.exec('curl -fsS http://127.0.0.1:8080/api/health')).code === 0,
      ),
    untilFailed: () => until(ANSWER_MS, async () => (await service()).ActiveState === 'failed'),
    /** A link of `buoy-server sign-in-link`. */
    signInLink: async (who = '') => asPerson(`sudo buoy-server sign-in-link ${who}`),
    /** The backup files, oldest first. */
    backups: async () =>
      (await asRoot('ls /var/lib/buoy/backups')).split('\n').filter((file) => file.endsWith('.gz')),
  };
}

export type InstalledHost = ReturnType<typeof installedHost>;

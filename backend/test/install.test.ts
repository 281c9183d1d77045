// packaging/install.sh in a temporary folder with fake systemd programs: which files it installs, and how it rolls back.
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CommandResult, runCommand } from '../../testbed/run-command.ts';
import { codeBlocks } from './support/doc-page.ts';

const packaging = path.resolve(import.meta.dirname, '../../packaging');
const COMMAND_DEADLINE_MS = 60_000;

let dir: string;
let prefix: string;
/** Where the backup of a version is, as its command tells. */
let backupOf: (version: string) => string;
beforeEach(() => {
  backupOf = (version) => `$BUOY_PREFIX/var/lib/buoy/backups/buoy-${version}.db.gz`;
  dir = mkdtempSync(path.join(tmpdir(), 'buoy-install-'));
  prefix = path.join(dir, 'machine');
  mkdirSync(prefix);
  umask = '022';
  mkdirSync(path.join(dir, 'programs'));
  const log = 'printf "%s %s\\n" "$(basename "$0")" "$*" >> "$BUOY_PREFIX/log"\n';
  for (const name of ['systemctl', 'useradd', 'userdel', 'chown'])
    script(path.join(dir, 'programs', name), `${log}[ "$1" != is-failed ]\n`);
  script(path.join(dir, 'programs/id'), '[ "$1" != -u ] || echo 0\n');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function script(file: string, text: string): void {
  writeFileSync(file, `#!/bin/sh\n${text}`);
  chmodSync(file, 0o755);
}

/** An unpacked archive whose Buoy answers or does not. @param changes whether it changes the database before it fails */
function unpacked(version: string, answers: boolean, changes = false): string {
  const folder = path.join(dir, `buoy-${version}`);
  cpSync(packaging, folder, { recursive: true });
  writeFileSync(path.join(folder, 'VERSION'), `${version}\n`);
  symlinkSync(process.execPath, path.join(folder, 'bin/node'));
  script(
    path.join(folder, 'bin/buoy-server'),
    `printf "${version} %s\\n" "$*" >> "$BUOY_PREFIX/log"
case $1 in
  healthy) ${changes ? 'touch "$BUOY_PREFIX/newer"; ' : ''}${answers ? '[ ! -e "$BUOY_PREFIX/newer" ]' : 'exit 1'} ;;
  restore) rm "$BUOY_PREFIX/newer" ;;
  backup)
    [ ! -e "$BUOY_PREFIX/full" ] || exit 1
    echo "${backupOf(version)}: 7492 bytes, read back and verified." ;;
esac
`,
  );
  return folder;
}

let umask = '022';
const run = (folder: string, ...args: string[]): Promise<CommandResult> =>
  runCommand('sh', ['-c', `umask ${umask}; exec sh "$0" "$@"`, path.join(folder, 'install.sh'), ...args], {
    timeoutMs: COMMAND_DEADLINE_MS,
    env: {
      PATH: `${path.join(dir, 'programs')}:${process.env.PATH}`,
      BUOY_PREFIX: prefix,
      BUOY_ANSWER_WITHIN_S: '1',
    },
  });
const at = (file: string): string => path.join(prefix, file);
const logged = (): string[] => readFileSync(at('log'), 'utf8').trim().split('\n');
const current = (): string => readlinkSync(at('opt/buoy/current'));

/** A Buoy that has been used: it has data. */
async function installUsed(version: string): Promise<void> {
  expect(await run(unpacked(version, true))).toMatchObject({ code: 0 });
  writeFileSync(at('var/lib/buoy/buoy.db'), 'rows');
  writeFileSync(at('log'), '');
}

describe('install.sh on a new machine', () => {
  test('installs program, settings, data folder, unit and commands, and starts Buoy', async () => {
    const { code, stdout, stderr } = await run(unpacked('1.0.0', true));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('Buoy 1.0.0 runs.');
    expect(current()).toBe('1.0.0');
    expect(statSync(at('var/lib/buoy')).mode & 0o777).toBe(0o700);
    expect(statSync(at('etc/buoy/buoy.env')).mode & 0o777).toBe(0o640);
    expect(readlinkSync(at('usr/local/bin/buoy-server'))).toBe('/opt/buoy/current/bin/buoy-server');
    expect(readlinkSync(at('usr/local/bin/buoy'))).toBe('/opt/buoy/current/bin/buoy');
    expect(readFileSync(at('etc/systemd/system/buoy.service'), 'utf8')).toBe(
      readFileSync(path.join(packaging, 'buoy.service'), 'utf8'),
    );
    expect(logged()).toEqual(
      expect.arrayContaining([
        'systemctl daemon-reload',
        'systemctl enable --quiet buoy',
        'systemctl restart buoy',
      ]),
    );
    expect(logged()).not.toContain('1.0.0 backup');
  });

  test("makes the program readable for the account of Buoy when root's umask is strict", async () => {
    const folder = unpacked('1.0.0', true);
    umask = '077';
    for (const one of ['.', 'bin', 'bin/buoy-server']) chmodSync(path.join(folder, one), 0o700);
    expect(await run(folder)).toMatchObject({ code: 0 });
    for (const file of [
      'opt',
      'opt/buoy',
      'opt/buoy/1.0.0',
      'opt/buoy/1.0.0/bin',
      'opt/buoy/1.0.0/bin/buoy-server',
      'usr/local/bin',
    ])
      expect([file, statSync(at(file)).mode & 0o777]).toEqual([file, 0o755]);
  });

  test('does not take an answer for that of Buoy while its service does not run', async () => {
    const log = 'printf "%s %s\\n" "$(basename "$0")" "$*" >> "$BUOY_PREFIX/log"\n';
    script(path.join(dir, 'programs/systemctl'), `${log}case $1 in is-failed | is-active) exit 1 ;; esac\n`);
    const { code, stderr } = await run(unpacked('1.0.0', true));
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining('Buoy 1.0.0 is installed and does not answer.'),
    });
  });

  test('names the log and the doctor when Buoy does not answer', async () => {
    const { code, stderr } = await run(unpacked('1.0.0', false));
    expect(code).toBe(1);
    expect(stderr).toBe(
      'Buoy 1.0.0 is installed and does not answer. Its log: journalctl -u buoy. To find the cause: buoy-server doctor\n',
    );
  });
});

describe('install.sh over another version', () => {
  test('makes a backup with the running version before anything changes, and keeps the settings', async () => {
    await installUsed('1.0.0');
    writeFileSync(at('etc/buoy/buoy.env'), 'APP_DOMAIN=buoy.example.org\n');
    expect(await run(unpacked('1.1.0', true))).toMatchObject({ code: 0, stderr: '' });
    const steps = logged().filter((line) => !line.startsWith('chown'));
    expect(steps[0]).toBe('1.0.0 backup');
    expect(steps).toContain('systemctl stop buoy');
    expect(current()).toBe('1.1.0');
    expect(readFileSync(at('etc/buoy/buoy.env'), 'utf8')).toBe('APP_DOMAIN=buoy.example.org\n');
  });

  test('keeps one earlier version for a rollback', async () => {
    await installUsed('1.0.0');
    await run(unpacked('1.1.0', true));
    await run(unpacked('1.2.0', true));
    expect(readdirSync(at('opt/buoy')).sort()).toEqual(['1.1.0', '1.2.0', 'current']);
  });

  test('changes nothing when the backup fails', async () => {
    await installUsed('1.0.0');
    writeFileSync(at('full'), '');
    const { code, stderr } = await run(unpacked('1.1.0', true));
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'The backup failed, so nothing was changed.\n' });
    expect(current()).toBe('1.0.0');
    expect(logged()).not.toContain('systemctl stop buoy');
  });

  test.each(['/root/.ssh/id_ed25519', 'buoy-key/id_ed25519'])(
    'changes nothing when the account of Buoy names %s as its backup, which root would restore',
    async (file) => {
      backupOf = () => file;
      await installUsed('1.0.0');
      const { code, stderr } = await run(unpacked('1.1.0', false, true));
      expect({ code, stderr }).toEqual({ code: 1, stderr: 'The backup failed, so nothing was changed.\n' });
      expect(logged().join('\n')).not.toContain('restore');
    },
  );

  test('rolls back to the earlier version and keeps the database when the new one does not answer', async () => {
    await installUsed('1.0.0');
    const { code, stderr } = await run(unpacked('1.1.0', false));
    expect(code).toBe(1);
    expect(stderr).toBe(
      'Buoy 1.1.0 does not answer; going back to 1.0.0.\nBuoy 1.0.0 runs again, on the database as it is. Log of the new version: journalctl -u buoy\n',
    );
    expect(current()).toBe('1.0.0');
    expect(readdirSync(at('opt/buoy')).sort()).toEqual(['1.0.0', 'current']);
    expect(logged().join('\n')).not.toContain('restore');
  });

  test('rolls back to the database of the backup when the new version has changed it', async () => {
    await installUsed('1.0.0');
    const { code, stderr } = await run(unpacked('1.1.0', false, true));
    expect(code).toBe(1);
    expect(stderr).toContain('Buoy 1.0.0 runs again, on the database of the backup.');
    expect(current()).toBe('1.0.0');
    const steps = logged();
    const restored = steps.indexOf('1.0.0 restore buoy-1.0.0.db.gz');
    expect(restored).toBeGreaterThan(steps.lastIndexOf('systemctl stop buoy'));
    expect(steps.lastIndexOf('systemctl restart buoy')).toBeGreaterThan(restored);
  });

  test('installs the same version again beside the running one until it answers', async () => {
    await installUsed('1.0.0');
    expect(await run(path.join(dir, 'buoy-1.0.0'))).toMatchObject({ code: 0 });
    expect(current()).toBe('1.0.0-2');
  });
});

describe('uninstall', () => {
  test('removes the program and keeps data and settings', async () => {
    await installUsed('1.0.0');
    const { code, stdout } = await run(path.join(prefix, 'opt/buoy/current'), 'uninstall');
    expect(code).toBe(0);
    expect(stdout).toContain('Its data is in');
    for (const gone of ['opt/buoy', 'etc/systemd/system/buoy.service'])
      expect(existsSync(at(gone))).toBe(false);
    expect(readdirSync(at('usr/local/bin'))).toEqual([]);
    expect(existsSync(at('var/lib/buoy/buoy.db'))).toBe(true);
    expect(existsSync(at('etc/buoy/buoy.env'))).toBe(true);
    expect(logged()).toContain('systemctl disable --now buoy');
    expect(logged()).not.toContain('userdel buoy');
  });

  test('--purge removes data, settings and account too', async () => {
    await installUsed('1.0.0');
    expect(await run(path.join(prefix, 'opt/buoy/current'), 'uninstall', '--purge')).toMatchObject({
      code: 0,
    });
    expect(existsSync(at('var/lib/buoy'))).toBe(false);
    expect(existsSync(at('etc/buoy'))).toBe(false);
    expect(logged()).toContain('userdel buoy');
  });
});

test('systemd-analyze reports no problem in the unit and rates its exposure as low', async (context) => {
  if (!existsSync('/usr/bin/systemd-analyze')) context.skip('no systemd-analyze');
  // The program is not installed here: only the unit itself matters.
  const text = readFileSync(path.join(packaging, 'buoy.service'), 'utf8');
  const file = path.join(dir, 'buoy.service');
  writeFileSync(
    file,
    text.replace('/opt/buoy/current/bin/buoy-server', '/bin/sh').replace(/^Documentation=.*\n/m, ''),
  );
  const options = { timeoutMs: COMMAND_DEADLINE_MS, env: process.env };
  expect(await runCommand('systemd-analyze', ['verify', '--man=no', file], options)).toEqual({
    code: 0,
    stdout: '',
    stderr: '',
  });
  const rated = await runCommand(
    'systemd-analyze',
    ['security', '--offline=yes', '--threshold=20', file],
    options,
  );
  expect(rated.code, rated.stdout).toBe(0);
});

describe('docs/upgrade.md', () => {
  const blocks = codeBlocks('docs/upgrade.md', 'sh');
  /** Types lines of the page in the folder of the archives. */
  const type = (lines: string): Promise<CommandResult> =>
    runCommand(
      'bash',
      ['-c', `set -eu; sudo() { "$@"; }; cd '${dir}'\n${lines.replaceAll('/opt/buoy', at('opt/buoy'))}`],
      {
        timeoutMs: COMMAND_DEADLINE_MS,
        env: {
          PATH: `${path.join(dir, 'programs')}:${at('opt/buoy/current/bin')}:${process.env.PATH}`,
          BUOY_PREFIX: prefix,
          BUOY_ANSWER_WITHIN_S: '1',
        },
      },
    );

  test('the commands of the page check, unpack and install the archive over the running version, and roll it back', async () => {
    const [upgrade = '', back = ''] = ['install.sh', 'OLDER'].map(
      (words) => blocks.find((block) => block.includes(words)) ?? '',
    );
    const [name = ''] = /buoy-[\d.]+-linux-x64/.exec(upgrade) ?? [];
    const version = name.split('-')[1] ?? '';
    await installUsed('0.0.9');
    renameSync(unpacked(version, true), path.join(dir, name));
    expect(
      await type(
        `tar -czf ${name}.tar.gz ${name}; sha256sum ${name}.tar.gz > ${name}.tar.gz.sha256; rm -r ${name}`,
      ),
    ).toMatchObject({ code: 0 });

    expect(await type(upgrade)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`Buoy ${version} runs.`),
    });
    expect(current()).toBe(version);

    writeFileSync(at('newer'), '');
    expect(await type(back.replace('OLDER', '0.0.9').replace('FILE', 'backup.gz'))).toMatchObject({
      code: 0,
    });
    expect(current()).toBe('0.0.9');
    expect(logged().slice(-3)).toEqual([
      'systemctl stop buoy',
      '0.0.9 restore backup.gz',
      'systemctl start buoy',
    ]);
  });
});

test.each(['docs/install.md', 'docs/upgrade.md'])('%s names the archive of this version', (page) => {
  const text = readFileSync(path.join(packaging, '..', page), 'utf8');
  const { version } = JSON.parse(readFileSync(path.join(packaging, '../package.json'), 'utf8'));
  const archives = [...text.matchAll(/buoy-(\d[\d.]*\d)-linux/g)].map(([, of]) => of);
  expect(new Set(archives)).toEqual(new Set([version]));
});

test('buoy-server starts no command under the account of Buoy, which could take it over with the terminal of root', async () => {
  const server = path.join(unpacked('1.0.0', true), 'bin/buoy-server');
  cpSync(path.join(packaging, 'bin/buoy-server'), server);
  rmSync(path.join(path.dirname(server), 'node'));
  script(path.join(path.dirname(server), 'node'), 'echo "node $*"\n');
  script(path.join(dir, 'programs/runuser'), 'echo "runuser $*"\n');
  const env = { PATH: `${path.join(dir, 'programs')}:${process.env.PATH}`, BUOY_ENV_FILE: '/none' };
  for (const command of [
    ...['sign-in-link', 'backup', 'restore', 'open-snapshot', 'keys', 'audit', 'doctor', 'healthy'],
  ]) {
    const { stdout } = await runCommand('sh', [server, command], { timeoutMs: COMMAND_DEADLINE_MS, env });
    expect(stdout).toMatch(/^node --disable-sigusr1 /);
  }
});

test('docs/install.md names commands that buoy-server has', async () => {
  const page = readFileSync(path.join(packaging, '../docs/install.md'), 'utf8');
  const options = { timeoutMs: COMMAND_DEADLINE_MS, env: process.env };
  const { stdout } = await runCommand('sh', [path.join(packaging, 'bin/buoy-server'), 'help'], options);
  const commands = [...page.matchAll(/buoy-server ([a-z-]+)/g)].map(([, command]) => command);
  expect(commands.length).toBeGreaterThan(5);
  for (const command of commands) expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
});

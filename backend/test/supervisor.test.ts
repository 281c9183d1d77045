// The supervisor of a server without systemd, in this machine's /bin/sh, with a program in the place of the gateway.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { until } from '../../testbed/until.ts';
import { readKeyValues } from '../src/openclaw/host/key-values.ts';
import { parseService } from '../src/openclaw/host/parse-inspection.ts';
import { inspectScript, journalScript } from '../src/openclaw/host/scripts.ts';
import { restartScript, startScript, stopScript, supervisorText } from '../src/openclaw/service/scripts.ts';
import { runInLocalShell } from '../src/openclaw/testing/local-shell.ts';
import { createInstallServiceStep } from '../src/setup/install-service.ts';
import { createUpdateServer } from '../src/setup/update/testing/update-server.ts';
import { makeTestFolder, openTestTasks } from '../src/tasks/testing/test-tasks.ts';

const LIMIT_MS = 20_000;
const unit = { manager: 'supervised', unit: 'openclaw-gateway.service' } as const;
// Else each crash would take five seconds.
const text = supervisorText.replace(/^RESTART_S=.*/m, 'RESTART_S=0.2');

/** What stands in for Node: notes its words, and ends as the file beside it says. */
const PROGRAM = `#!/bin/sh
printf '%s\\n' "$*" "$OPENCLAW_GATEWAY_PORT" >"$HOME/words"
echo 'the gateway says hello'
if [ -f "$HOME/ends-with" ]; then exit "$(cat "$HOME/ends-with")"; fi
sleep 1000 &
echo $! >"$HOME/child"
wait
`;

/** As one that takes its time to end, told by TERM, until the file `may-end` is there. */
const DRAINING = `#!/bin/sh
trap 'touch "$HOME/told"; until [ -f "$HOME/may-end" ]; do sleep 0.05; done; exit 0' TERM
touch "$HOME/is-up"
while :; do sleep 0.05; done
`;

/** The program of that name, but that its first call while the file `hold` is there waits until it is gone, and later ones leave a mark. */
const held = (name: string) => `#!/bin/sh
if [ -f "$HOME/hold" ]; then
  mkdir "$HOME/held" 2>/dev/null || touch "$HOME/called-again"
  while [ -f "$HOME/hold" ] && [ ! -f "$HOME/called-again" ]; do sleep 0.05; done
fi
PATH=\${PATH#*:}
exec ${name} "$@"
`;

let home: string;
const run = (script: string, ...words: string[]) => runInLocalShell(script, words, { env: environment() });
const environment = () => ({
  HOME: home,
  PATH: `${path.join(home, 'fake')}:${process.env.PATH ?? '/usr/bin:/bin'}`,
});
const supervisor = (...words: string[]) =>
  spawnSync(path.join(home, '.local/openclaw/bin/openclaw-supervisor'), words, {
    encoding: 'utf8',
    env: environment(),
  });
/** Goes on beside the test, as the leader of a process group. */
const supervisorBeside = (...words: string[]) => {
  const child = spawn(path.join(home, '.local/openclaw/bin/openclaw-supervisor'), words, {
    env: environment(),
    stdio: 'ignore',
    detached: true,
  });
  return { pid: child.pid!, ended: once(child, 'exit').then(([code]) => code as number | null) };
};
const put = async (file: string, content = '') => {
  await writeFile(path.join(home, file), content);
  await chmod(path.join(home, file), 0o755);
};
const remove = (file: string) => rm(path.join(home, file));
/** As cron runs its line: it would send a mail of what this prints. */
const cronAsks = () => expect(supervisor('keep')).toMatchObject({ status: 0, stdout: '', stderr: '' });
/** What cron started would be there by then. */
const aMoment = () =>
  new Promise((resolve) => {
    setTimeout(resolve, 1_000);
  });
const exists = (file: string) => existsSync(path.join(home, file));
const appears = (file: string) => until(LIMIT_MS, async () => (exists(file) ? true : null));
const starts = () =>
  readFileSync(path.join(home, '.local/openclaw/supervisor/gateway.log'), 'utf8').match(/^-- started /gm)
    ?.length;
const shown = (property: string) => supervisor('show', unit.unit, '-p', property).stdout.trim().split('=')[1];
const becomes = (property: string, value: string) =>
  until(LIMIT_MS, async () => (shown(property) === value ? true : null));
/** null: the process has ended, perhaps at this moment (ESRCH). */
const factsOf = (pid: number | string, file: 'stat' | 'cmdline'): string | null => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
};
/** One that has ended, and that nobody has waited for, is not. */
const isAlive = (pid: number | string) => {
  const stat = factsOf(pid, 'stat');
  return stat !== null && !/\) [ZX] /.test(stat);
};
const ends = (pid: number) => until(LIMIT_MS, async () => (isAlive(pid) ? null : true));
const killSupervisor = async () => {
  const pid = Number(shown('SupervisorPID'));
  process.kill(pid, 'SIGKILL');
  await ends(pid);
};
/** Those of this test, also where nothing but the list of processes knows them. */
const gateways = () =>
  readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid) || !isAlive(pid)) return false;
    const words = factsOf(pid, 'cmdline')?.split('\0') ?? [];
    return words.includes('gateway') && words.some((word) => word.startsWith(home));
  });
/** The one of the state runs, and no other; what it has just forked looks like it for a moment. */
const runsAlone = () => until(LIMIT_MS, async () => gateways().join() === shown('MainPID'));
/** Once an order to start or restart has been given, whatever it waits for. */
const isToRun = () =>
  until(LIMIT_MS, async () =>
    readFileSync(path.join(home, '.local/openclaw/supervisor/stay-down'), 'utf8').match(/^(up|$)/) !== null
      ? true
      : null,
  );

beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'buoy-supervisor-'));
  const root = path.join(home, '.local/openclaw');
  await mkdir(path.join(root, 'bin'), { recursive: true });
  await mkdir(path.join(root, 'supervisor'));
  await mkdir(path.join(home, 'fake'));
  for (const [name, content] of [
    ['bin/node', PROGRAM],
    ['bin/openclaw-supervisor', text],
  ] as const) {
    await writeFile(path.join(root, name), content);
    await chmod(path.join(root, name), 0o755);
  }
  await writeFile(
    path.join(root, 'supervisor', unit.unit),
    `ExecStart=${root}/bin/node ${root}/index.js gateway --port 18790\nEnvironment=OPENCLAW_GATEWAY_PORT=18790\n`,
  );
});
afterEach(async () => {
  await put('may-end');
  supervisor('stop');
  await rm(home, { recursive: true, force: true });
});

describe('the supervisor', () => {
  test('starts the gateway with its port and variables, once', async () => {
    expect(supervisor('start', unit.unit).status).toBe(0);
    await becomes('ActiveState', 'active');
    const pid = shown('MainPID');
    expect(supervisor('start').status).toBe(0);
    expect(shown('MainPID')).toBe(pid);
    await until(LIMIT_MS, async () => (existsSync(path.join(home, 'child')) ? true : null));
    expect(readFileSync(path.join(home, 'words'), 'utf8').split('\n')).toEqual([
      expect.stringContaining('/dist/index.js gateway --port 18790'),
      '18790',
      '',
    ]);
    expect(supervisor('is-active', '--quiet', unit.unit).status).toBe(0);
  });

  test('stops the gateway with what it started', async () => {
    supervisor('start');
    const child = await until(LIMIT_MS, async () =>
      existsSync(path.join(home, 'child')) ? readFileSync(path.join(home, 'child'), 'utf8').trim() : null,
    );
    const { exitCode, stdout } = run(stopScript(unit));
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('Stopping') });
    expect([shown('ActiveState'), shown('MainPID'), isAlive(child)]).toEqual(['inactive', '0', false]);
    expect(run(stopScript(unit)).stdout).toContain('It is stopped already.');
  });

  test('restarts the gateway as another process', async () => {
    expect(run(startScript(unit)).exitCode).toBe(0);
    const before = shown('MainPID');
    expect(run(restartScript(unit)).exitCode).toBe(0);
    expect(shown('ActiveState')).toBe('active');
    expect(shown('MainPID')).not.toBe(before);
  });

  test('starts a gateway that was killed again, and counts it', async () => {
    supervisor('start');
    const before = shown('MainPID');
    expect(supervisor('kill', '-s', 'KILL', unit.unit).status).toBe(0);
    await becomes('NRestarts', '1');
    expect(shown('MainPID')).not.toBe(before);
    expect(shown('ExecMainStatus')).toBe('137');
  });

  test('leaves a gateway down whose config is wrong, until it is started again', async () => {
    await writeFile(path.join(home, 'ends-with'), '78');
    supervisor('start');
    await becomes('ActiveState', 'failed');
    expect([shown('NRestarts'), shown('ExecMainStatus')]).toEqual(['0', '78']);
    await rm(path.join(home, 'ends-with'));
    expect(run(startScript(unit)).exitCode).toBe(0);
    expect(shown('ActiveState')).toBe('active');
  });

  test('gives up on a gateway that ends ten times in five minutes', async () => {
    await writeFile(path.join(home, 'ends-with'), '1');
    supervisor('start');
    await becomes('Result', 'start-limit-hit');
    expect(shown('ActiveState')).toBe('failed');
    expect(supervisor('reset-failed', unit.unit).status).toBe(0);
    expect(shown('ActiveState')).toBe('inactive');
  });

  test('ends the gateway that a killed supervisor left before it starts another', async () => {
    supervisor('start');
    const left = Number(shown('MainPID'));
    await killSupervisor();
    expect(isAlive(left)).toBe(true);
    expect(supervisor('start').status).toBe(0);
    expect(shown('ActiveState')).toBe('active');
    expect(isAlive(left)).toBe(false);
    expect(shown('MainPID')).not.toBe(String(left));
  });

  test('counts the gateway that a killed supervisor left as running until it ends', async () => {
    supervisor('start');
    const left = shown('MainPID');
    await killSupervisor();
    expect([shown('ActiveState'), shown('MainPID')]).toEqual(['active', left]);
    expect(supervisor('kill', '-s', 'KILL', unit.unit).status).toBe(0);
    await ends(Number(left));
    expect([shown('ActiveState'), shown('MainPID')]).toEqual(['inactive', '0']);
  });

  test.each([
    ['by the script that stops it', () => run(stopScript(unit))],
    ['by hand', () => ({ exitCode: supervisor('stop').status, stdout: 'Stopping' })],
  ])('stops the gateway that a killed supervisor left, %s', async (_how, stop) => {
    supervisor('start');
    await appears('child');
    const left = [shown('MainPID')!, readFileSync(path.join(home, 'child'), 'utf8').trim()];
    await killSupervisor();
    expect(stop()).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('Stopping') });
    expect([shown('ActiveState'), shown('MainPID')]).toEqual(['inactive', '0']);
    expect([left.map(isAlive), starts()]).toEqual([[false, false], 1]);
  });

  test('kills the gateway that a killed supervisor left when it does not end', async () => {
    await put('.local/openclaw/bin/openclaw-supervisor', text.replace(/^STOP_S=.*/m, 'STOP_S=1'));
    await put('.local/openclaw/bin/node', DRAINING);
    supervisor('start');
    await appears('is-up');
    const left = Number(shown('MainPID'));
    await killSupervisor();
    expect(supervisor('stop').status).toBe(0);
    expect([shown('ActiveState'), shown('Result'), isAlive(left)]).toEqual(['inactive', 'timeout', false]);
  });

  test('stops the gateway also when the supervisor is killed while it stops it', async () => {
    await put('.local/openclaw/bin/node', DRAINING);
    supervisor('start');
    await appears('is-up');
    const left = Number(shown('MainPID'));
    const stop = supervisorBeside('stop');
    await appears('told');
    await killSupervisor();
    await put('may-end');
    expect(await stop.ended).toBe(0);
    expect([shown('ActiveState'), isAlive(left), starts()]).toEqual(['inactive', false, 1]);
  });

  test('leaves no gateway that it cannot find again when it is killed while it starts one', async () => {
    await put('fake/cmp', held('cmp'));
    await put('hold');
    const start = supervisorBeside('start');
    await appears('held');
    expect(gateways()).toHaveLength(1);
    await killSupervisor();
    await remove('hold');
    expect(await start.ended).toBe(0);
    await until(LIMIT_MS, async () => gateways().length === 0);
    expect([shown('ActiveState'), shown('MainPID')]).toEqual(['inactive', '0']);
  });

  test('starts the gateway that is started while it stops, once it has ended', async () => {
    await put('.local/openclaw/bin/node', DRAINING);
    supervisor('start');
    await appears('is-up');
    const before = Number(shown('MainPID'));
    supervisor('stop', '--no-block');
    await appears('told');
    await becomes('ActiveState', 'deactivating');
    expect([shown('SubState'), shown('MainPID')]).toEqual(['stop-sigterm', String(before)]);
    const start = supervisorBeside('start');
    await isToRun();
    await put('may-end');
    expect(await start.ended).toBe(0);
    expect([shown('ActiveState'), isAlive(before), starts()]).toEqual(['active', false, 2]);
  });

  test('starts the gateway after a stop that was cancelled while it stops', async () => {
    await put('.local/openclaw/bin/node', DRAINING);
    supervisor('start');
    await appears('is-up');
    const stop = supervisorBeside('stop');
    await appears('told');
    process.kill(-stop.pid, 'SIGKILL');
    await stop.ended;
    const start = supervisorBeside('start');
    await isToRun();
    await put('may-end');
    expect(await start.ended).toBe(0);
    expect([shown('ActiveState'), starts()]).toEqual(['active', 2]);
  });

  test('starts the gateway while a stop ends the one that a killed supervisor left', async () => {
    await put('.local/openclaw/bin/node', DRAINING);
    supervisor('start');
    await appears('is-up');
    await killSupervisor();
    expect(supervisor('stop', '--no-block').status).toBe(0);
    await appears('told');
    const start = supervisorBeside('start');
    await isToRun();
    await put('may-end');
    expect(await start.ended).toBe(0);
    expect([shown('ActiveState'), starts()]).toEqual(['active', 2]);
  });

  test('leaves the gateway down when it is stopped again after a start that waits', async () => {
    await put('.local/openclaw/bin/node', DRAINING);
    supervisor('start');
    await appears('is-up');
    supervisor('stop', '--no-block');
    await appears('told');
    const start = supervisorBeside('start');
    await isToRun();
    expect(supervisor('stop', '--no-block').status).toBe(0);
    await put('may-end');
    expect(await start.ended).toBe(0);
    expect([shown('ActiveState'), shown('ExecMainStatus'), starts()]).toEqual(['inactive', '0', 1]);
  });

  test('restarts a gateway that takes its time to end, also when who asked for it is killed meanwhile', async () => {
    await put('.local/openclaw/bin/node', DRAINING);
    supervisor('start');
    await appears('is-up');
    const before = shown('MainPID');
    const asking = supervisorBeside('restart', unit.unit);
    await appears('told');
    process.kill(-asking.pid, 'SIGKILL');
    await asking.ended;
    await put('may-end');
    await until(LIMIT_MS, async () => (shown('MainPID') === before ? null : true));
    await becomes('ActiveState', 'active');
  });

  test('leaves the gateway down when it is stopped while it is restarted', async () => {
    await put('.local/openclaw/bin/node', DRAINING);
    supervisor('start');
    await appears('is-up');
    const restart = supervisorBeside('restart');
    await appears('told');
    expect(supervisor('stop', '--no-block').status).toBe(0);
    await put('may-end');
    expect(await restart.ended).toBe(0);
    expect([shown('ActiveState'), starts()]).toEqual(['inactive', 1]);
  });

  test('starts no gateway that is stopped before the supervisor has begun', async () => {
    await put('fake/setsid', held('setsid'));
    await put('hold');
    const start = supervisorBeside('start');
    await appears('held');
    expect(supervisor('stop').status).toBe(0);
    await remove('hold');
    expect(await start.ended).toBe(0);
    await becomes('ActiveState', 'inactive');
    await rm(path.join(home, 'fake/setsid'));
    expect(supervisor('start').status).toBe(0);
    expect(shown('ActiveState')).toBe('active');
  });

  test('stops a gateway that it is just about to start', async () => {
    supervisor('start');
    await becomes('ActiveState', 'active');
    // Each start shortens the log first.
    await put('fake/wc', held('wc'));
    await put('hold');
    supervisor('stop');
    const start = supervisorBeside('start');
    await appears('held');
    expect(supervisor('stop', '--no-block').status).toBe(0);
    await remove('hold');
    expect(await start.ended).toBe(0);
    await becomes('ActiveState', 'inactive');
  });

  test('stops a gateway that it is just about to start again', async () => {
    await put('fake/wc', held('wc'));
    supervisor('start');
    await becomes('ActiveState', 'active');
    await put('hold');
    supervisor('kill', '-s', 'KILL');
    await appears('held');
    expect(supervisor('stop', '--no-block').status).toBe(0);
    await remove('hold');
    await becomes('ActiveState', 'inactive');
  });

  test('starts the gateway while somebody asks whether it runs', async () => {
    // What holds the lock while it is asked for.
    await put('fake/true', held('true'));
    await put('hold');
    const asking = supervisorBeside('is-active');
    await appears('held');
    const start = supervisorBeside('start');
    await Promise.race([appears('called-again'), start.ended]);
    await remove('hold');
    expect([await start.ended, await asking.ended]).toEqual([0, 1]);
    expect(shown('ActiveState')).toBe('active');
  });

  test('can be stopped while it ends the gateway that a killed supervisor left', async () => {
    await put('.local/openclaw/bin/node', DRAINING);
    supervisor('start');
    await appears('is-up');
    await killSupervisor();
    const start = supervisorBeside('start');
    await appears('told');
    expect([shown('ActiveState'), shown('SubState')]).toEqual(['activating', 'start-pre']);
    expect(supervisor('stop', '--no-block').status).toBe(0);
    await put('may-end');
    expect(await start.ended).toBe(0);
    expect([shown('ActiveState'), starts()]).toEqual(['inactive', 1]);
  });

  test('signals no process that has the id of a supervisor that has ended', async () => {
    const state = path.join(home, '.local/openclaw/supervisor/state');
    const other = spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] });
    const holder = spawn('flock', [path.join(home, '.local/openclaw/supervisor/lock'), 'cat'], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    holder.stdin.write('held');
    await once(holder.stdout, 'data');
    await put('fake/sleep', '#!/bin/sh\ntouch "$HOME/slept"\nexec /bin/sleep "$@"\n');
    await writeFile(state, `SupervisorPID=${other.pid}\nSupervisorStarted=1\n`);
    const stop = supervisorBeside('stop');
    await Promise.race([appears('slept'), stop.ended]);
    holder.stdin.end();
    expect(await stop.ended).toBe(0);
    expect(isAlive(other.pid!)).toBe(true);
    other.stdin.end();
  });

  test('says that there is no service where none was set up', async () => {
    await rm(path.join(home, '.local/openclaw/supervisor', unit.unit));
    expect(run(startScript(unit)).exitCode).toBe(43);
  });
});

/** A small file system needs the rights of root, which a container may lack. */
const noMounts = spawnSync('unshare', ['-m', 'true']).status === 0 ? '' : ' (no rights to mount)';

describe.skipIf(noMounts !== '')(`the supervisor on a full disk${noMounts}`, () => {
  const folder = () => path.join(home, '.local/openclaw/supervisor');
  /** 256 KiB for what the supervisor writes. */
  beforeEach(() => {
    const unitText = readFileSync(path.join(folder(), unit.unit));
    const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'test', folder()]);
    expect({ status, stderr: String(stderr) }).toEqual({ status: 0, stderr: '' });
    writeFileSync(path.join(folder(), unit.unit), unitText);
  });
  afterEach(() => {
    rmSync(path.join(folder(), 'fill'), { force: true });
    supervisor('stop');
    spawnSync('umount', ['-l', folder()]);
  });
  const fill = () => {
    spawnSync('dd', ['if=/dev/zero', `of=${folder()}/fill`, 'bs=4096']);
    expect(() => writeFileSync(path.join(folder(), 'more'), 'x')).toThrow('ENOSPC');
  };
  const startAndFill = async () => {
    supervisor('start');
    await appears('child');
    fill();
  };

  test.each([
    ['by the script that stops it', () => run(stopScript(unit)).exitCode],
    ['by hand', () => supervisor('stop').status],
  ])('stops the gateway, which stays down, %s', async (_how, stop) => {
    await startAndFill();
    const left = Number(shown('MainPID'));
    expect(stop()).toBe(0);
    expect([shown('ActiveState'), shown('MainPID'), isAlive(left)]).toEqual(['inactive', '0', false]);
    cronAsks();
    await aMoment();
    expect(gateways()).toEqual([]);
  });

  test('starts a stopped gateway, and restarts it', async () => {
    supervisor('start');
    supervisor('stop');
    fill();
    expect(supervisor('start').status).toBe(0);
    const before = shown('MainPID');
    expect(shown('ActiveState')).toBe('active');
    await runsAlone();
    fill();
    expect(supervisor('restart').status).toBe(0);
    expect(shown('ActiveState')).toBe('active');
    await runsAlone();
    expect(shown('MainPID')).not.toBe(before);
  });

  test('starts a gateway that was killed again', async () => {
    await startAndFill();
    await remove('words');
    supervisor('kill', '-s', 'KILL');
    await becomes('NRestarts', '1');
    await appears('words');
    await runsAlone();
  });

  test('makes room by a log that has become too long, and keeps its end', async () => {
    await put(
      '.local/openclaw/bin/openclaw-supervisor',
      text.replace(/^MAX_LOG=.*/m, 'MAX_LOG=65536').replace(/^LOG_CHECK_S=.*/m, 'LOG_CHECK_S=0.5'),
    );
    writeFileSync(path.join(folder(), 'gateway.log.1'), 'older'.repeat(4_000));
    await startAndFill();
    rmSync(path.join(folder(), 'fill'));
    spawnSync('sh', ['-c', `yes | dd bs=4096 >>"${folder()}/gateway.log"`]);
    await until(LIMIT_MS, async () => statSync(path.join(folder(), 'gateway.log')).size < 65_536);
    const kept = readFileSync(path.join(folder(), 'gateway.log.1'), 'utf8');
    expect([kept.length <= 65_536, kept.slice(-4)]).toEqual([true, 'y\ny\n']);
    writeFileSync(path.join(folder(), 'more'), 'x'.repeat(65_536));
  });
});

describe('the supervisor where nothing can be written', () => {
  const program = () => path.join(home, '.local/openclaw/bin/openclaw-supervisor');
  /** With its limit of 0 bytes for a file, nothing at all is written, as where a full disk copies what is changed. */
  const withoutRoom = (...words: string[]) =>
    spawnSync('/bin/sh', ['-c', 'trap "" XFSZ; ulimit -f 0; exec "$0" "$@"', program(), ...words], {
      encoding: 'utf8',
      env: environment(),
    });
  const startThatCanLoseRoom = () =>
    spawnSync('/bin/sh', ['-c', 'trap "" XFSZ; exec "$0" start', program()], { env: environment() });
  const limit = (bytes: string) =>
    expect(spawnSync('prlimit', ['--pid', shown('SupervisorPID')!, `--fsize=${bytes}`]).status).toBe(0);

  test('stops the gateway, and says that it may be started again', async () => {
    supervisor('start');
    await appears('child');
    const left = Number(shown('MainPID'));
    expect(withoutRoom('stop')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('may be started again'),
    });
    expect([isAlive(left), gateways()]).toEqual([false, []]);
  });

  test('takes back no stop that it cannot take back', async () => {
    supervisor('start');
    supervisor('stop');
    for (const order of ['start', 'restart']) expect(withoutRoom(order).status).toBe(1);
    expect([gateways(), starts()]).toEqual([[], 1]);
    expect(withoutRoom('stop').status).toBe(0);
  });

  test('starts the gateway again once its state can be written', async () => {
    await put('.local/openclaw/bin/openclaw-supervisor', text.replace(/^NAMING_S=.*/m, 'NAMING_S=1'));
    startThatCanLoseRoom();
    await appears('child');
    limit('0:unlimited');
    const lost = shown('MainPID');
    supervisor('kill', '-s', 'KILL');
    await until(LIMIT_MS, async () => gateways().some((pid) => pid !== lost));
    // The one that waits to be named gives up.
    await until(LIMIT_MS, async () => gateways().length === 0);
    limit('unlimited');
    await until(LIMIT_MS, async () =>
      shown('MainPID') === lost ? null : gateways().includes(shown('MainPID')!),
    );
    expect([shown('ActiveState'), supervisor('stop').status]).toEqual(['active', 0]);
  });

  test('starts no supervisor that no state would name', async () => {
    supervisor('start');
    await appears('child');
    const left = shown('MainPID');
    await killSupervisor();
    expect(withoutRoom('start')).toMatchObject({ status: 1 });
    expect(isAlive(left!)).toBe(true);
    expect(supervisor('start').status).toBe(0);
    expect(shown('ActiveState')).toBe('active');
    await runsAlone();
    expect(shown('MainPID')).not.toBe(left);
  });
});

describe('the supervisor that cron asks to keep the gateway', () => {
  const state = () => path.join(home, '.local/openclaw/supervisor/state');

  test('starts it where nobody has stopped it, once', async () => {
    cronAsks();
    await becomes('ActiveState', 'active');
    await appears('child');
    cronAsks();
    await aMoment();
    expect(starts()).toBe(1);
  });

  test('starts it after the supervisor and the gateway were killed', async () => {
    supervisor('start');
    await appears('child');
    const left = Number(shown('MainPID'));
    await killSupervisor();
    process.kill(left, 'SIGKILL');
    await ends(left);
    cronAsks();
    await becomes('ActiveState', 'active');
    await runsAlone();
  });

  test('leaves it down once it was stopped', async () => {
    supervisor('start');
    await becomes('ActiveState', 'active');
    supervisor('stop');
    cronAsks();
    await aMoment();
    expect([shown('ActiveState'), starts()]).toEqual(['inactive', 1]);
  });

  test('leaves it down once Buoy has stopped it, also where it was down', async () => {
    supervisor('start');
    await appears('child');
    const left = Number(shown('MainPID'));
    await killSupervisor();
    process.kill(left, 'SIGKILL');
    await ends(left);
    expect(run(stopScript(unit))).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('It is stopped already.'),
    });
    cronAsks();
    await aMoment();
    expect([shown('ActiveState'), starts()]).toEqual(['inactive', 1]);
  });

  test('leaves one down that has failed, until the machine or its container begins again', async () => {
    await put('ends-with', '78');
    supervisor('start');
    await becomes('ActiveState', 'failed');
    cronAsks();
    await aMoment();
    expect(starts()).toBe(1);
    await remove('ends-with');
    // Process 1 of a container is another one after its restart.
    await writeFile(state(), readFileSync(state(), 'utf8').replace(/^(Life=.*-)\d*$/m, '$11'));
    cronAsks();
    await becomes('ActiveState', 'active');
  });

  test('does nothing where there is no service', async () => {
    await rm(path.join(home, '.local/openclaw/supervisor', unit.unit));
    cronAsks();
    await aMoment();
    expect(existsSync(state())).toBe(false);
  });
});

describe('the line that starts the gateway at boot', () => {
  const MINE = '0 5 * * * backup\n';
  const NO_CRONTAB = 'no crontab for deploy';
  /** @param says about a crontab that it cannot list */
  const cron = async (says: string) => {
    await put('crontab-says', `${says}\n`);
    await put(
      'fake/crontab',
      `#!/bin/sh
case $1 in
  -l) if [ -f "$HOME/crontab" ]; then cat "$HOME/crontab"; else cat "$HOME/crontab-says" >&2; exit 1; fi ;;
  -) cat >"$HOME/crontab.new" && mv "$HOME/crontab.new" "$HOME/crontab" ;;
esac
`,
    );
    // It is known by its name.
    await put('fake/cron', '#!/bin/sh\necho runs\nread -r _\n');
    const child = spawn(path.join(home, 'fake/cron'), { stdio: ['pipe', 'pipe', 'ignore'] });
    onTestFinished(() => void child.kill());
    await once(child.stdout, 'data');
  };
  const lines = () => readFileSync(path.join(home, 'crontab'), 'utf8').split('\n');
  const LINE = '* * * * * "$HOME/.local/openclaw/bin/openclaw-supervisor" keep >/dev/null 2>&1 # OpenClaw';
  const OLDER_LINE = '@reboot "$HOME/.local/openclaw/bin/openclaw-supervisor" start # OpenClaw';

  test('comes behind the other lines of the crontab, once', async () => {
    await cron(NO_CRONTAB);
    await put('crontab', MINE);
    expect(supervisor('is-enabled')).toMatchObject({ status: 1, stdout: 'disabled\n' });
    for (let i = 0; i < 2; i += 1) expect(supervisor('enable').status).toBe(0);
    expect(lines()).toEqual([MINE.trim(), LINE, '']);
    expect(supervisor('is-enabled')).toMatchObject({ status: 0, stdout: 'enabled\n' });
  });

  test.each([NO_CRONTAB, `crontab: can't open '${userInfo().username}': No such file or directory`])(
    'is the first of an account without a crontab: %s',
    async (says) => {
      await cron(says);
      expect(supervisor('enable').status).toBe(0);
      expect(lines()).toEqual([LINE, '']);
    },
  );

  test('counts no more once it is a comment', async () => {
    await cron(NO_CRONTAB);
    await put('crontab', `# ${LINE}\n`);
    expect(supervisor('is-enabled').stdout).toBe('disabled\n');
    expect(supervisor('enable').status).toBe(0);
    expect(lines()).toEqual([`# ${LINE}`, LINE, '']);
  });

  test('takes the place of the line of an older Buoy, and of no other', async () => {
    await cron(NO_CRONTAB);
    const own = '@reboot "$HOME/.local/openclaw/bin/openclaw-supervisor" start # mine';
    await put('crontab', `${own}\n${OLDER_LINE}\n${MINE}`);
    expect(supervisor('is-enabled')).toMatchObject({ status: 1, stdout: 'disabled\n' });
    expect(supervisor('enable').status).toBe(0);
    expect(lines()).toEqual([own, MINE.trim(), LINE, '']);
  });

  test('prints nothing where OpenClaw was removed', () => {
    const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', LINE.slice('* * * * * '.length)], {
      ...{ encoding: 'utf8', env: { ...environment(), HOME: path.join(home, 'none') } },
    });
    expect({ status, stdout, stderr }).toEqual({ status: 127, stdout: '', stderr: '' });
  });

  test('is not added to a crontab that cannot be read', async () => {
    await cron('crontab: Input/output error');
    expect(supervisor('enable')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('left as it is: crontab: Input/output error'),
    });
    expect(exists('crontab')).toBe(false);
  });
});

describe.skipIf(existsSync('/run/systemd/system'))('Buoy on a server without systemd', () => {
  const service = () => parseService(readKeyValues(run(inspectScript, 'service')));

  test('reads the state of a supervised gateway', async () => {
    supervisor('start');
    await becomes('ActiveState', 'active');
    expect(service()).toMatchObject({
      ...{ manager: 'supervised', unit: unit.unit, activeState: 'active', subState: 'running' },
      ...{ restarts: 0, startLimitHit: false, pid: Number(shown('MainPID')) },
    });
    const pid = Number(shown('MainPID'));
    await killSupervisor();
    expect(service()).toMatchObject({ manager: 'supervised', activeState: 'active', pid });
    process.kill(pid, 'SIGKILL');
    await ends(pid);
    expect(service()).toMatchObject({ manager: 'supervised', activeState: 'inactive', pid: null });
  });

  test('recognizes a supervisor that has given up', async () => {
    await writeFile(path.join(home, 'ends-with'), '1');
    supervisor('start');
    await becomes('Result', 'start-limit-hit');
    expect(service()).toMatchObject({ activeState: 'failed', startLimitHit: true });
  });

  test.each([
    ['a line', '* * * * * ', 'keep', 'yes'],
    ['a comment', '# * * * * * ', 'keep', null],
    ['the line of an older Buoy', '@reboot ', 'start', null],
  ])('reads of %s in the crontab whether the gateway starts at boot', async (_what, before, word, linger) => {
    await put('fake/crontab', '#!/bin/sh\ncat "$HOME/crontab"\n');
    await put('crontab', `${before}"$HOME/.local/openclaw/bin/openclaw-supervisor" ${word} # OpenClaw\n`);
    expect(readKeyValues(run(inspectScript, 'all')).text('linger')).toBe(linger);
  });

  test('is set up again with the supervisor of this Buoy while the gateway runs on', async () => {
    const server = createUpdateServer('buoy-supervised-');
    await rm(path.join(server.home, '.local/openclaw/bin/node'));
    await cp(home, server.home, { recursive: true });
    await rm(home, { recursive: true });
    home = server.home;
    await put('.local/openclaw/bin/node', PROGRAM.replace('\n', '\ncase $1 in -*) exit ;; esac\n'));
    supervisor('start');
    await appears('child');
    const pid = shown('MainPID');
    const folder = makeTestFolder();
    const opened = await openTestTasks(folder, [
      {
        ...{ type: 'install-service', exclusivePerServer: true, inputSchema: z.strictObject({}) },
        steps: [
          createInstallServiceStep<object>(
            {
              ...server.tools(),
              probeGateway: async () => ({ status: 200, contentType: null, body: { ready: true } }),
            },
            () => ({ manager: 'auto', port: 18_790 }),
          ),
        ],
      },
    ]);
    onTestFinished(async () => {
      await opened.close();
      folder.remove();
    });
    const serverId = await opened.newServer();
    const stepOfRun = async () => {
      const { id } = await opened.tasks.start('install-service', {
        ...{ serverId, input: {}, createdBy: 'u_1' },
      });
      return (await opened.ended(id)).steps[0];
    };
    expect(await stepOfRun()).toMatchObject({ status: 'succeeded' });
    expect(readFileSync(path.join(home, '.local/openclaw/bin/openclaw-supervisor'), 'utf8')).toBe(
      `${supervisorText}\n`,
    );
    expect(await stepOfRun()).toMatchObject({ status: 'skipped' });
    expect([shown('ActiveState'), shown('MainPID'), isAlive(pid!)]).toEqual(['active', pid, true]);
  });

  test('reads the log since a start', async () => {
    const before = Math.floor(Date.now() / 1000) - 5;
    supervisor('start');
    const log = (since: string) =>
      run(journalScript, unit.manager, unit.unit, '10', since).stdout.trim().split('\n');
    await until(LIMIT_MS, async () => (log('').includes('the gateway says hello') ? true : null));
    expect(log(String(before))).toEqual(['from=journal', 'the gateway says hello']);
    expect(log(String(before + 1_000))).not.toContain('the gateway says hello');
  });
});

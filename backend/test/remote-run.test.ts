import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { isAppError } from '../src/lib/app-error.ts';
import { systemClock } from '../src/lib/clock.ts';
import { until } from '../src/lib/testing/until.ts';
import { createSsh } from '../src/ssh/create-ssh.ts';
import type { Ssh } from '../src/ssh/ssh.ts';
import { type Gate, openGate } from '../src/ssh/testing/gate.ts';
import { createKeptLogger } from '../src/ssh/testing/kept-logger.ts';
import { type LoopbackSshd, noSshd, startLoopbackSshd } from '../src/ssh/testing/loopback-sshd.ts';
import { createMemoryTargets } from '../src/ssh/testing/memory-targets.ts';
import { createRemoteRuns, type RemoteRuns, runName } from '../src/tasks/remote-run.ts';
import { cancelScript } from '../src/tasks/remote-run-scripts.ts';

const shell = promisify(execFile);
const serverId = 'srv_1';

describe.skipIf(noSshd !== null)(
  `a command on a server that outlives the connection (${noSshd ?? 'real sshd'})`,
  () => {
    let sshd: LoopbackSshd;
    let count = 0;
    beforeAll(async () => {
      sshd = await startLoopbackSshd();
    });
    afterAll(() => sshd.stop());

    const connect = async (): Promise<{ runs: RemoteRuns; ssh: Ssh; gate: Gate; close(): Promise<void> }> => {
      const gate = await openGate(sshd.port);
      const ssh = createSsh({
        targets: createMemoryTargets(sshd.target({ serverId, port: gate.port })),
        clock: systemClock,
        logger: createKeptLogger().logger,
        limits: { backOffMs: 20, openMs: 100, openMaxMs: 200 },
      });
      const close = async () => {
        await ssh.close();
        await gate.close();
      };
      onTestFinished(close);
      return { runs: createRemoteRuns({ ssh, clock: systemClock, killGraceS: 1 }), ssh, gate, close };
    };
    const newRun = () => {
      count += 1;
      return runName({ taskId: 'tsk_t', stepId: `s${count}` });
    };
    const folderOf = (run: string) => join(sshd.home, '.buoy', 'runs', run);
    const callLimits = (deadlineMs = 10_000) => ({ deadlineMs, signal: new AbortController().signal });
    const collect = (runs: RemoteRuns, run: string, offset = 0, limits = callLimits()) => {
      const seen = { text: '', offset };
      const ended = runs.follow(serverId, run, {
        ...limits,
        offset,
        onOutput(text, nextOffset) {
          seen.text += text;
          seen.offset = nextOffset;
        },
      });
      ended.catch(() => undefined);
      return { seen, ended };
    };

    it('returns output and exit code, in a private folder that can be removed', async () => {
      const { runs } = await connect();
      const run = newRun();
      await runs.start(serverId, run, { script: 'echo out; echo err >&2; pwd; exit 7' }, callLimits());
      const { seen, ended } = collect(runs, run);
      expect(await ended).toEqual({ exitCode: 7 });
      expect(seen.text).toBe(`out\nerr\n${sshd.home}\n`);
      expect(statSync(folderOf(run)).mode & 0o777).toBe(0o700);
      await runs.remove(serverId, run, callLimits());
      expect(existsSync(folderOf(run))).toBe(false);
    });

    it('runs once, however often and by however many Buoys it is started', async () => {
      const { runs } = await connect();
      const other = await connect();
      const run = newRun();
      const script = { script: 'echo ran >> "$HOME/times"; sleep 0.3; echo done' };
      await Promise.all(
        [runs, other.runs, runs, other.runs, runs, other.runs].map((each) =>
          each.start(serverId, run, script, callLimits()),
        ),
      );
      expect(await collect(runs, run).ended).toEqual({ exitCode: 0 });
      await runs.start(serverId, run, script, callLimits());
      expect(await collect(runs, run).ended).toEqual({ exitCode: 0 });
      expect(readFileSync(join(sshd.home, 'times'), 'utf8')).toBe('ran\n');
    });

    it('continues while the network is down, without lost or doubled output', async () => {
      const { runs, gate } = await connect();
      const run = newRun();
      const lines = 40;
      await runs.start(
        serverId,
        run,
        { script: `i=0; while [ $i -lt ${lines} ]; do echo "line $i é"; i=$((i+1)); sleep 0.05; done` },
        callLimits(),
      );
      const reach: boolean[] = [];
      const limits = { ...callLimits(), onReach: (reachable: boolean) => void reach.push(reachable) };
      const { seen, ended } = collect(runs, run, 0, limits);
      await until(() => seen.text.includes('line 5'), 'the first output');
      gate.cut();
      await until(() => seen.text.includes('line 15'), 'output after a cut connection');
      await gate.shut();
      await until(() => reach.includes(false), 'the network is seen to be down');
      await until(
        () => readFileSync(join(folderOf(run), 'output'), 'utf8').includes('line 30'),
        'the command goes on',
      );
      await gate.reopen();
      expect(await ended).toEqual({ exitCode: 0 });
      expect(seen.text).toBe(Array.from({ length: lines }, (_, i) => `line ${i} é\n`).join(''));
      expect(reach.at(-1)).toBe(true);
    });

    it('continues when Buoy stops, and the next Buoy reads its output from any offset', async () => {
      const first = await connect();
      const run = newRun();
      await first.runs.start(serverId, run, { script: 'echo one; sleep 0.6; echo two' }, callLimits());
      const before = collect(first.runs, run);
      await until(() => before.seen.text === 'one\n', 'the first output');
      await first.close();
      const after = collect((await connect()).runs, run, before.seen.offset);
      expect(await after.ended).toEqual({ exitCode: 0 });
      expect(after.seen.text).toBe('two\n');
    });

    it('waits for an unreachable server, and fails as unreachable at the deadline', async () => {
      const { runs, gate } = await connect();
      await gate.shut();
      const run = newRun();
      const started = runs.start(serverId, run, { script: 'echo up' }, callLimits());
      await expect(runs.start(serverId, newRun(), { script: ':' }, callLimits(400))).rejects.toMatchObject({
        code: 'unreachable',
      });
      await gate.reopen();
      await started;
      expect(await collect(runs, run).ended).toEqual({ exitCode: 0 });
    });

    it('delivers large output completely, including bytes that are not text', async () => {
      const { runs } = await connect();
      const run = newRun();
      const script = `i=0; while [ $i -lt 30000 ]; do echo "$i äöü€😀"; i=$((i+1)); done; printf 'bad \\377 end'`;
      await runs.start(serverId, run, { script }, callLimits());
      const { seen, ended } = collect(runs, run);
      expect(await ended).toEqual({ exitCode: 0 });
      const expected = `${Array.from({ length: 30_000 }, (_, i) => `${i} äöü€😀\n`).join('')}bad \ufffd end`;
      expect(seen.text === expected).toBe(true);
      expect(seen.offset).toBe(statSync(join(folderOf(run), 'output')).size);
    });

    it('keeps secrets out of command lines and environments, and off the disk once it runs', async () => {
      const { runs } = await connect();
      const run = newRun();
      const secret = `it's "$HOME" \`x\` \\ ünï\nsecond line`;
      await runs.start(
        serverId,
        run,
        {
          script: `printf '%s' "$API_KEY" > "$HOME/got"; sleep 5`,
          // A variable that each login has.
          secrets: async () => ({ API_KEY: secret, MARK: 'zzsecretzz', LOGNAME: 'zzsecretzz' }),
        },
        callLimits(),
      );
      await until(() => existsSync(join(sshd.home, 'got')), 'the script runs');
      await until(() => readFileSync(join(sshd.home, 'got'), 'utf8') === secret, 'the secret is as it was');
      expect(readdirSync(folderOf(run)).sort()).toEqual(['claim', 'output', 'pid', 'script', 'wrapper']);
      const { stdout } = await shell('ps', ['-eo', 'args']);
      expect(stdout).not.toContain('zzsecretzz');
      const environments = await shell('sh', ['-c', 'cat /proc/[0-9]*/environ 2>/dev/null || true']);
      expect(environments.stdout).not.toContain('zzsecretzz');
      expect(
        (await shell('grep', ['-rl', 'zzsecretzz', folderOf(run)]).catch(() => ({ stdout: '' }))).stdout,
      ).toBe('');
      await runs.cancel(serverId, run, callLimits());
    });

    it('terminates a command and its children when it is cancelled, with SIGTERM first', async () => {
      const { runs } = await connect();
      const run = newRun();
      const script = `trap 'echo told; exit 3' TERM; sleep 77.7 & echo ready; wait`;
      await runs.start(serverId, run, { script }, callLimits());
      const { seen, ended } = collect(runs, run);
      await until(() => seen.text === 'ready\n', 'the command runs');
      await runs.cancel(serverId, run, callLimits());
      expect(await ended).toEqual({ exitCode: 3 });
      expect(seen.text).toBe('ready\ntold\n');
      expect((await shell('ps', ['-eo', 'args'])).stdout).not.toContain('sleep 77.7');
    });

    it('leaves nothing of the script of a command that is cancelled, before or after it begins', async () => {
      const { runs } = await connect();
      const [begun, waiting] = [newRun(), newRun()];
      await runs.start(serverId, begun, { script: ': planted; echo ready; sleep 66.6' }, callLimits());
      const { seen } = collect(runs, begun);
      await until(() => seen.text === 'ready\n', 'the command runs');
      mkdirSync(folderOf(waiting), { recursive: true });
      writeFileSync(join(folderOf(waiting), 'script'), ': planted');
      if (process.getuid?.() === 0) await shell('chown', ['-R', sshd.username, join(sshd.home, '.buoy')]);
      for (const run of [begun, waiting]) {
        await runs.cancel(serverId, run, callLimits());
        expect(readdirSync(folderOf(run))).toEqual(expect.arrayContaining(['claim', 'exit']));
        expect(existsSync(join(folderOf(run), 'script'))).toBe(false);
      }
    });

    it('kills a command that ignores SIGTERM', async () => {
      const { runs } = await connect();
      const run = newRun();
      await runs.start(
        serverId,
        run,
        { script: `trap '' TERM; echo ready; sleep 88.8; sleep 88.8` },
        callLimits(),
      );
      const { seen, ended } = collect(runs, run);
      await until(() => seen.text === 'ready\n', 'the command runs');
      await runs.cancel(serverId, run, callLimits());
      expect(await ended.catch((error) => error.code)).toEqual(
        expect.toSatisfy((x) => x === 'refused' || x.exitCode === 137),
      );
      expect((await shell('ps', ['-eo', 'args'])).stdout).not.toContain('sleep 88.8');
    });

    it('ends a command of which processes remain that their parent does not reap', async () => {
      const { runs } = await connect();
      const run = newRun();
      // Their parent leaves the group, and waits for nothing.
      const parent = `sleep 71.7 & sleep 71.8 & exec setsid sh -c 'echo ready $$; exec sleep 21.7'`;
      await runs.start(serverId, run, { script: `(${parent}) & wait` }, callLimits());
      const { seen } = collect(runs, run);
      await until(() => /^ready \d+\n$/.test(seen.text), 'the command runs');
      onTestFinished(() => void process.kill(Number(seen.text.split(' ')[1])));
      await runs.cancel(serverId, run, callLimits());
      expect((await shell('ps', ['-eo', 'args'])).stdout).not.toContain('sleep 71.');
      expect(existsSync(join(folderOf(run), 'script'))).toBe(false);
    });

    it('leaves nothing of the script of a command that cannot be ended', async () => {
      const { runs, ssh } = await connect();
      const run = newRun();
      await runs.start(serverId, run, { script: ': planted; echo ready; sleep 55.5' }, callLimits());
      const { seen } = collect(runs, run);
      await until(() => seen.text === 'ready\n', 'the command runs');
      writeFileSync(join(folderOf(run), 'secrets'), 'KEY=planted');
      // Signals that reach the process, and do nothing; ten times as fast.
      const without = 'kill() { :; }; date() { echo "$(($(command date +%s) * 10))"; }';
      const script = `${without}\n${cancelScript}`;
      const { stdout } = await ssh.script(serverId, script, [run, '0'], callLimits());
      expect(stdout).toBe('alive\n');
      expect(readdirSync(folderOf(run)).sort()).toEqual(['claim', 'output', 'pid', 'wrapper']);
      await runs.cancel(serverId, run, callLimits());
    });

    it('does not start a command that was cancelled before', async () => {
      const { runs } = await connect();
      const run = newRun();
      mkdirSync(folderOf(run), { recursive: true });
      if (process.getuid?.() === 0) await shell('chown', ['-R', sshd.username, join(sshd.home, '.buoy')]);
      await runs.cancel(serverId, run, callLimits());
      await runs.start(serverId, run, { script: 'touch "$HOME/began"' }, callLimits());
      expect(await collect(runs, run).ended).toEqual({ exitCode: 143 });
      expect(existsSync(join(sshd.home, 'began'))).toBe(false);
    });

    it('notices that the command was killed, and does not mistake a reused pid for it', async () => {
      const { runs } = await connect();
      const run = newRun();
      await runs.start(serverId, run, { script: 'echo ready; sleep 99.9' }, callLimits());
      const { seen, ended } = collect(runs, run);
      await until(() => seen.text === 'ready\n', 'the command runs');
      const pidFile = join(folderOf(run), 'pid');
      const [pid, start, group, boot] = readFileSync(pidFile, 'utf8').trim().split(' ');
      writeFileSync(pidFile, `${pid} ${Number(start) - 1} ${group} ${boot}\n`);
      await expect(ended).rejects.toMatchObject({
        code: 'refused',
        message: expect.stringContaining('killed'),
      });

      writeFileSync(pidFile, `${pid} ${start} ${group} 00000000-0000-0000-0000-000000000000\n`);
      await expect(collect(runs, run).ended).rejects.toMatchObject({
        message: expect.stringContaining('rebooted'),
      });

      writeFileSync(pidFile, `${pid} ${start} ${group} ${boot}\n`);
      const again = collect(runs, run);
      await until(() => again.seen.text === 'ready\n', 'it is seen alive again');
      process.kill(-Number(group), 'SIGKILL');
      await expect(again.ended).rejects.toMatchObject({ message: expect.stringContaining('killed') });
    });

    it('says that the disk is full where a command could not write how it ended', async () => {
      const { runs } = await connect();
      const run = newRun();
      await runs.start(serverId, run, { script: 'echo ready; sleep 99.9' }, callLimits());
      const { seen, ended } = collect(runs, run);
      await until(() => seen.text === 'ready\n', 'the command runs');
      writeFileSync(join(folderOf(run), 'exit.new'), '');
      const group = readFileSync(join(folderOf(run), 'pid'), 'utf8').split(' ')[2];
      process.kill(-Number(group), 'SIGKILL');
      await expect(ended).rejects.toMatchObject({ code: 'disk_full' });
    });

    it('fails for an unknown run and for a removed run directory', async () => {
      const { runs } = await connect();
      await expect(collect(runs, newRun()).ended).rejects.toMatchObject({ code: 'not_found' });
    });

    it('removes only run directories that are older than a week', async () => {
      const { runs } = await connect();
      const [old, recent, run] = [newRun(), newRun(), newRun()];
      for (const each of [old, recent]) {
        await runs.start(serverId, each, { script: ':' }, callLimits());
        await collect(runs, each).ended;
      }
      const eightDaysAgo = new Date(Date.now() - 8.5 * 24 * 3600 * 1000);
      utimesSync(folderOf(old), eightDaysAgo, eightDaysAgo);
      await runs.start(serverId, run, { script: ':' }, callLimits());
      expect([old, recent, run].map((each) => existsSync(folderOf(each)))).toEqual([false, true, true]);
    });

    it('stops following immediately when aborted, and the command continues', async () => {
      const { runs } = await connect();
      const run = newRun();
      await runs.start(serverId, run, { script: 'echo ready; sleep 0.5; echo end' }, callLimits());
      const controller = new AbortController();
      const { seen, ended } = collect(runs, run, 0, { deadlineMs: 10_000, signal: controller.signal });
      await until(() => seen.text === 'ready\n', 'the command runs');
      controller.abort(new Error('enough'));
      await expect(ended).rejects.toThrow('enough');
      expect(await collect(runs, run, seen.offset).ended).toEqual({ exitCode: 0 });
    });

    it('fails immediately for a changed host key', async () => {
      const { hostKeys } = sshd;
      const ssh = createSsh({
        targets: createMemoryTargets(
          sshd.target({ serverId, hostKey: { ...hostKeys.ed25519, fingerprint: hostKeys.rsa.fingerprint } }),
        ),
        clock: systemClock,
        logger: createKeptLogger().logger,
      });
      onTestFinished(() => ssh.close());
      const runs = createRemoteRuns({ ssh, clock: systemClock });
      const refused = await runs
        .start(serverId, newRun(), { script: ':' }, callLimits())
        .catch((error: unknown) => error);
      expect(isAppError(refused, 'host_key_changed')).toBe(true);
    });

    it('refuses run names that could leave the folder', async () => {
      const { runs } = await connect();
      for (const run of ['../x', 'a/b', '', '-rf', 'a b', '.'])
        await expect(runs.remove(serverId, run, callLimits())).rejects.toThrow(RangeError);
    });
  },
);

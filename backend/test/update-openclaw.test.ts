// An update of OpenClaw as a task: the real scripts in this machine's /bin/sh, with programs in place of npm, OpenClaw and systemd.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isLongRun } from '../../testbed/long-run.ts';
import { AppError } from '../src/lib/app-error.ts';
import {
  createUpdateServer,
  NEW,
  OLD,
  type UpdateServer,
} from '../src/setup/update/testing/update-server.ts';
import { createUpdateOpenclawKind } from '../src/setup/update/update-openclaw.ts';
import {
  makeTestFolder,
  openTestTasks,
  type TestFolder,
  type TestTasks,
} from '../src/tasks/testing/test-tasks.ts';

/** Milliseconds for an update on a busy machine: half a second on an idle one. */
const PATIENCE_MS = 50_000;
/** Cuts, outages and second updates; a way back and its order are in each run. */
const inLongRun = it.runIf(isLongRun);
const STEPS = ['preflight', 'snapshot', 'stage', 'stop', 'swap', 'migrate', 'start', 'prove', 'rollback'];

describe('an update of OpenClaw', () => {
  let server: UpdateServer;
  let folder: TestFolder;
  let opened: TestTasks;
  beforeEach(async () => {
    server = createUpdateServer();
    folder = makeTestFolder();
    opened = await openTestTasks(folder, [createUpdateOpenclawKind(server.tools())], {
      patienceMs: PATIENCE_MS,
    });
  });
  afterEach(async () => {
    await opened.close();
    folder.remove();
    server.remove();
  });
  const start = async (input: object = {}) =>
    opened.tasks.start('update-component', {
      serverId: await opened.newServer(),
      input: { component: 'openclaw', ...input },
      createdBy: 'u_1',
    });
  const update = async (input?: object) => opened.ended((await start(input)).id);
  const statuses = ({ steps }: Awaited<ReturnType<typeof update>>) =>
    Object.fromEntries(steps.map(({ id, status }) => [id, status]));
  /** As if nothing had been done. */
  const expectAsBefore = () => {
    expect(server.version()).toBe(OLD);
    expect(server.state()).toBe(`of ${OLD}`);
    expect(server.isUp).toBe(true);
    expect(server.run('cat ~/.openclaw/.hidden/key ~/.openclaw/workspace/MEMORY.md').stdout).toBe(
      'secretremembered',
    );
    for (const left of ['.openclaw.before-update', '.local/openclaw/lib/node_modules/.update-openclaw'])
      expect(server.exists(left)).toBe(false);
    expect(server.run('~/.local/openclaw/bin/openclaw --version').stdout).toBe(`OpenClaw ${OLD}\n`);
  };

  it('backs up, swaps, migrates, proves, and leaves nothing behind but the archive', async () => {
    server.run('mkdir -p ~/.cache/node-compile-cache/of-the-old-version');
    const task = await update();
    expect(server.exists('.cache/node-compile-cache/of-the-old-version')).toBe(false);
    expect(statuses(task)).toEqual(
      Object.fromEntries(STEPS.map((id) => [id, id === 'rollback' ? 'skipped' : 'succeeded'])),
    );
    expect(task).toMatchObject({
      status: 'succeeded',
      result: {
        ...{ component: 'openclaw', from: OLD, to: NEW, rolledBack: false },
        ...{ downtimeMs: expect.any(Number), snapshotId: expect.stringMatching(/^snp_/) },
      },
    });
    expect(server.version()).toBe(NEW);
    expect(server.state()).toBe(`of ${NEW}`);
    expect(server.orders()).toEqual([`stop ${OLD}`, `start ${NEW}`]);
    const { snapshotId } = task.result as { snapshotId: string };
    expect(server.run(`cat ~/.local/state/openclaw-snapshots/${snapshotId}.tar.gz`).stdout).toBe(
      `of ${OLD}\n`,
    );
    expect(server.exists('.openclaw.before-update')).toBe(false);
    expect(server.exists('.local/openclaw/lib/node_modules/.update-openclaw')).toBe(false);
  });

  it('keeps room for a rollback on a full disk, which the rollback has before it runs anything', async () => {
    server.write('migration-fails', '');
    const rooms: string[] = [];
    const room = () => server.run('ls -d ~/.openclaw.before-update.*.room').stdout.trim();
    server.onScript = (script) => {
      if (script.includes('Puts the old version and its state back')) rooms.push(room());
    };
    expect(await update()).toMatchObject({ status: 'failed', result: { rolledBack: true } });
    // In blocks of 1 KiB.
    expect(Number(server.run('cat ~/room-at-stop').stdout.trim().split(' ')[0])).toBeGreaterThanOrEqual(
      16_384,
    );
    expect(rooms).toEqual(['']);
    expect(room()).toBe('');
  });

  inLongRun('keeps the new version when it is cancelled after the proof', async () => {
    let cancelled = Promise.resolve();
    server.onScript = (script) => {
      if (script.includes('keeps for its rollback')) cancelled = cancel();
    };
    const { id } = await start();
    const cancel = async () => void (await opened.tasks.cancel(id));
    expect(await opened.ended(id)).toMatchObject({ status: 'succeeded', result: { rolledBack: false } });
    await cancelled;
    expect(server.version()).toBe(NEW);
  });

  it('installs the version that update policies name when it begins', async () => {
    server.targetOf = (wanted) => (wanted === 'latest' ? NEW : wanted);
    const task = await update();
    expect(task).toMatchObject({ status: 'succeeded', result: { to: NEW } });
    expect(server.run('cat ~/npm-called').stdout).toContain(`openclaw@${NEW}`);
  });

  it('is refused before it reads anything when update policies have another version by then', async () => {
    server.targetOf = () => {
      throw new AppError('conflict', 'OpenClaw is pinned on this server.');
    };
    expect(await update({ version: NEW })).toMatchObject({
      status: 'failed',
      error: { code: 'conflict', message: 'OpenClaw is pinned on this server.' },
    });
    expect(server.exists('npm-called')).toBe(false);
    expect(server.orders()).toEqual([]);
  });

  it('ends as cancelled before it reads anything when it must not begin now', async () => {
    server.targetOf = () => {
      throw new AppError('withdrawn', 'The rollout was paused before this update began.');
    };
    const task = await update({ version: NEW });
    expect(task).toMatchObject({ status: 'cancelled', error: { code: 'withdrawn' } });
    expect(Object.values(statuses(task))).toEqual(STEPS.map(() => 'cancelled'));
    expect(server.exists('npm-called')).toBe(false);
    expect(server.orders()).toEqual([]);
  });

  it('is refused while the way back of an earlier update is still there', async () => {
    server.run(
      'mkdir -p ~/.openclaw.before-update ~/.local/openclaw/lib/node_modules/.update-openclaw/old/package',
    );
    server.write('.openclaw.before-update/.complete', '');
    expect(await update()).toMatchObject({ status: 'failed', error: { code: 'conflict' } });
    expect(server.orders()).toEqual([]);
  });

  it.each(['.openclaw.before-update', '.openclaw.failed-update'])(
    'is refused while a person keeps something in ~/%s, which stays',
    async (folder) => {
      server.run(`mkdir ~/${folder}`);
      server.write(`${folder}/openclaw.json`, 'mine');
      expect(await update()).toMatchObject({
        ...{ status: 'failed', error: { code: 'conflict', message: expect.stringContaining(folder) } },
      });
      expect(server.run(`cat ~/${folder}/openclaw.json`).stdout).toBe('mine');
      expect(server.orders()).toEqual([]);
    },
  );

  inLongRun(
    'goes back where a person has made that folder since the check, and leaves it alone',
    async () => {
      server.onScript = (script) => {
        if (!script.includes('Puts the new version in the place of the old one')) return;
        server.run('mkdir -p ~/.openclaw.before-update');
        server.write('.openclaw.before-update/openclaw.json', 'mine');
      };
      expect(await update()).toMatchObject({ status: 'failed', result: { rolledBack: true } });
      expect(server.run('cat ~/.openclaw.before-update/openclaw.json').stdout).toBe('mine');
      expect(server.state()).toBe(`of ${OLD}`);
      expect(server.version()).toBe(OLD);
      expect(server.isUp).toBe(true);
    },
  );

  describe('with other archives beside its own', () => {
    const folder = '~/.local/state/openclaw-snapshots';
    /** Archives of that age, and who has made them where that is known. */
    const put = (names: readonly string[], daysOld: number, madeBy?: string) => {
      for (const name of names)
        server.run(
          `mkdir -p ${folder} && cd ${folder} && touch -d '-${daysOld} days' ${name}.tar.gz && touch .${name}.sha256
          ${madeBy === undefined ? '' : `echo '${madeBy}' >.${name}.by`}`,
        );
    };
    const files = () => server.run(`ls -A ${folder}`).stdout.split('\n').filter(Boolean);
    const five = (name: string) => [1, 2, 3, 4, 5].map((number) => `snp_${name}${number}`);

    inLongRun('keeps the last five, and those to which a person gave another name', async () => {
      put([...five('old'), 'mine'], 40);
      await update();
      const names = files().filter((name) => name.endsWith('.tar.gz'));
      expect(names).toHaveLength(6);
      expect(names).toContain('mine.tar.gz');
      expect(files().filter((name) => name.includes('snp_old'))).toHaveLength(8);
    });

    it('removes none of another record of the same machine, nor of another Buoy', async () => {
      const others = five('other').concat('snp_other6');
      put(others, 40, 'update srv_other');
      await update();
      expect(files()).toEqual(
        expect.arrayContaining(others.flatMap((name) => [`${name}.tar.gz`, `.${name}.by`])),
      );
    });

    inLongRun('removes none of nobody before it is a month old', async () => {
      const young = five('young').concat('snp_young6');
      put(young, 29);
      await update();
      expect(files()).toEqual(expect.arrayContaining(young.map((name) => `${name}.tar.gz`)));
    });

    it('says beside its own who has made it and why, and removes that with it', async () => {
      server.onEnded = (name) => {
        if (!name.endsWith('-snapshot')) return;
        const mark = server.run(`cat ${folder}/.snp_*.by`).stdout.trim();
        put(five('mine'), 40, mark);
        put(['snp_mine6'], 50, mark);
      };
      const task = await update();
      const { snapshotId } = task.result as { snapshotId: string };
      expect(server.run(`cat ${folder}/.${snapshotId}.by`).stdout).toBe(`update ${task.serverId}\n`);
      const left = files().filter((name) => name.includes('snp_mine'));
      expect(left.filter((name) => name.endsWith('.by'))).toHaveLength(4);
      expect(left).toHaveLength(12);
      expect(left.join(' ')).not.toContain('snp_mine6');
    });
  });

  it('does nothing when that version is there already', async () => {
    await update();
    const before = server.orders();
    const task = await update();
    expect(task).toMatchObject({
      status: 'succeeded',
      result: { from: NEW, to: NEW, downtimeMs: 0, snapshotId: null, rolledBack: false },
    });
    expect(statuses(task)).toMatchObject({ preflight: 'succeeded', stop: 'skipped', prove: 'skipped' });
    expect(server.orders()).toEqual(before);
  });

  it('leaves the old version running when the new one cannot be downloaded', async () => {
    server.onScript = (script) => {
      if (script.includes('beside the version that runs')) server.write('npm-says', 'npm error code E404');
    };
    const task = await update();
    expect(task).toMatchObject({ status: 'failed', error: { code: 'version_not_found' }, result: null });
    expect(statuses(task)).toMatchObject({ stage: 'failed', stop: 'skipped', rollback: 'skipped' });
    expect(server.orders()).toEqual([]);
    expectAsBefore();
  });

  const plants: Array<[string, (on: UpdateServer) => void, string, string]> = [
    [
      'its migration fails',
      (on: UpdateServer) => on.write('migration-fails', ''),
      'config_invalid',
      'migrate',
    ],
    [
      'its gateway does not become ready',
      (on: UpdateServer) => void on.broken.add(NEW),
      'not_ready',
      'start',
    ],
  ];
  it.for(plants)('goes back to the old version and its state when %s', async ([, plant, code, failing]) => {
    plant(server);
    const task = await update();
    expect(task).toMatchObject({
      status: 'failed',
      error: { code },
      result: { from: OLD, to: NEW, rolledBack: true },
    });
    expect(statuses(task)).toMatchObject({ [failing]: 'failed', rollback: 'succeeded' });
    expectAsBefore();
  });

  const moments: Array<[string, string]> = [
    ['the versions are swapped', 'Puts the new version in the place'],
    ['the state is migrated', 'Lets the new version bring'],
  ];
  it.for(moments)('stops a gateway again that somebody starts before %s', async ([, script]) => {
    server.onScript = (text) => {
      if (text.includes(script)) server.write('is-up', '');
    };
    expect(await update()).toMatchObject({ status: 'succeeded' });
    expect(server.orders().map((order) => order.split(' ')[0])).toEqual(['stop', 'stop', 'start']);
    expect(server.state()).toBe(`of ${NEW}`);
  });

  inLongRun('stops a gateway again that somebody starts before the old state is put back', async () => {
    server.write('migration-fails', '');
    server.onScript = (text) => {
      if (text.includes('Puts the old version and its state back')) server.write('is-up', '');
    };
    expect(await update()).toMatchObject({ status: 'failed', result: { rolledBack: true } });
    expect(server.orders()).toEqual([`stop ${OLD}`, `stop ${NEW}`, `start ${OLD}`]);
    expectAsBefore();
  });

  it('changes nothing while the gateway cannot be stopped', async () => {
    server.onScript = (text) => {
      if (text.includes('Puts the new version in the place')) server.run('touch ~/is-up ~/stop-fails');
      else server.run('rm -f ~/stop-fails');
    };
    const task = await update();
    expect(task).toMatchObject({
      status: 'failed',
      error: { code: 'refused', message: 'The gateway could not be stopped. All changes were undone.' },
      result: { rolledBack: true },
    });
    expect(statuses(task)).toMatchObject({ swap: 'failed', migrate: 'skipped', rollback: 'succeeded' });
    expectAsBefore();
  });

  inLongRun('goes back when a gateway answers that its service does not run', async () => {
    server.hasAnother = true;
    const task = await update();
    expect(task).toMatchObject({ error: { code: 'refused' }, result: { rolledBack: true } });
    expect(statuses(task)).toMatchObject({ stop: 'failed', swap: 'skipped' });
    expectAsBefore();
  });

  inLongRun('does not take a server that is out of reach for one whose gateway is down', async () => {
    server.hasAnother = true;
    server.probeOutages = [new AppError('unreachable', 'No route.')];
    expect(await update()).toMatchObject({
      error: { message: expect.stringContaining('still answers') },
      result: { rolledBack: true },
    });
    expectAsBefore();
  });

  inLongRun('keeps a new version that serves people while the server is out of reach', async () => {
    const away = new AppError('unreachable', 'No route.');
    server.onHello = () => {
      server.onHello = () => {};
      server.passedMs = 10 * 60_000;
      server.outages = [away];
      throw away;
    };
    expect(await update()).toMatchObject({ status: 'succeeded', result: { rolledBack: false } });
    expect(server.version()).toBe(NEW);
  });

  it('keeps what a new version wrote before it was undone', async () => {
    server.broken.add(NEW);
    const { id } = await update();
    expect(server.run('cat ~/.openclaw.failed-update/*/left/state').stdout).toBe(`of ${NEW}\n`);
    expect((await opened.tasks.output(id, 0)).text).toContain(
      '.openclaw.failed-update until the next update',
    );
    expectAsBefore();
    server.broken.clear();
    await update();
    expect(server.exists('.openclaw.failed-update')).toBe(false);
  });

  const links: Array<[string, string]> = [
    ['a folder of OpenClaw leads out of it', 'mkdir -p ~/big && ln -s ~/big ~/.openclaw/agents'],
    ['the config leads out of it', 'mv ~/.openclaw/openclaw.json ~ && ln -s ~/openclaw.json ~/.openclaw'],
  ];
  it.for(links)('is refused where %s', async ([, plant]) => {
    server.run(plant);
    expect(await update()).toMatchObject({ status: 'failed', error: { code: 'refused' } });
    expect(server.orders()).toEqual([]);
  });

  it.skipIf(process.getuid?.() !== 0).for([
    ['part of it', '/agents', 'lies elsewhere'],
    ['the folder itself', '', 'a disk of its own'],
  ])('is refused where %s is on another disk', async ([, folder, words]) => {
    server.run('mkdir ~/.openclaw/agents');
    server.inShell = (script) =>
      [
        "unshare --mount /bin/sh -s <<'END_OF_SHELL'",
        `mount --bind ~/.openclaw${folder} ~/.openclaw${folder}`,
        ...[script, 'END_OF_SHELL'],
      ].join('\n');
    const task = await update();
    expect(task).toMatchObject({ status: 'failed', error: { code: 'refused' } });
    expect(task.error?.message).toContain(words);
  });

  it('is refused where the unit keeps its state in another folder than its config', async () => {
    server.statePath = '/data/openclaw';
    expect(await update()).toMatchObject({ status: 'failed', error: { code: 'refused' } });
  });

  inLongRun('goes on where skills lead out of the folder', async () => {
    server.run('mkdir ~/my-skills && ln -s ~/my-skills ~/.openclaw/skills');
    expect(await update()).toMatchObject({ status: 'succeeded' });
  });

  inLongRun('has the old version whole when it can only be copied, and the copy is cut', async () => {
    server.run(
      `cd ~/.local/openclaw/bin && mv node real-node &&
      printf '%s\\n' '#!/bin/sh' 'case "$*" in *renameSync*lib/node_modules/openclaw\\ *old/package) exit 1 ;; esac' 'exec "$(dirname "$0")/real-node" "$@"' >node &&
      printf '%s\\n' '#!/bin/sh' 'case "$*" in *.part) mkdir "$3"; /bin/cp "$2/package.json" "$3"; kill -9 $PPID ;; esac' 'exec /bin/cp "$@"' >cp &&
      chmod 755 node cp`,
    );
    const task = await update();
    expect(statuses(task)).toMatchObject({ swap: 'failed', rollback: 'succeeded' });
    expectAsBefore();
  });

  inLongRun('is refused when somebody updates OpenClaw by hand meanwhile', async () => {
    server.onScript = (text) => {
      if (text.includes('beside the version that runs'))
        server.run(`sed -i s/${OLD}/2026.8.1/ ~/.local/openclaw/lib/node_modules/openclaw/package.json`);
    };
    expect(await update()).toMatchObject({ status: 'failed', error: { code: 'conflict' } });
    expect(server.orders()).toEqual([]);
  });

  inLongRun('goes back where neither version answers, as before', async () => {
    server.answers = false;
    server.broken.add(OLD).add(NEW);
    expect(await update()).toMatchObject({
      ...{ status: 'failed', error: { code: 'not_ready' }, result: { rolledBack: true } },
    });
    expectAsBefore();
  });

  const STAGING = '~/.local/openclaw/lib/node_modules/.update-openclaw';
  const isSwap = (text: string) => text.includes('Puts the new version in the place');
  const isUndo = (text: string) => text.includes('Puts the old version and its state back');

  inLongRun('stops no gateway when another update has staged meanwhile', async () => {
    server.inShell = (script) => {
      if (script.includes('task=')) server.run(`echo tsk_other >${STAGING}/task`);
      return script;
    };
    const task = await update();
    expect(task).toMatchObject({ status: 'failed', error: { code: 'conflict' } });
    expect(statuses(task)).toMatchObject({ stage: 'failed', stop: 'skipped', rollback: 'skipped' });
    expect(server.orders()).toEqual([]);
  });

  inLongRun(
    'swaps nothing that another update has staged, leaves that alone, and starts the gateway again',
    async () => {
      server.onScript = (text) => {
        if (isSwap(text)) server.run(`echo tsk_other >${STAGING}/task`);
      };
      const { id } = await start();
      expect(await opened.ended(id)).toMatchObject({
        ...{ error: { code: 'conflict' }, result: { rolledBack: true } },
      });
      expect((await opened.tasks.output(id, 0)).text).toContain('Nothing of this update is in place.');
      expect(server.orders()).toEqual([`stop ${OLD}`, `start ${OLD}`]);
      expect(server.isUp).toBe(true);
      expect(server.run(`cat ${STAGING}/task; ls ${STAGING}/new`).stdout).toContain('tsk_other\nbin');
      expect(server.run('ls -d ~/.openclaw*').stdout).toBe(`${server.home}/.openclaw\n`);
    },
  );

  inLongRun('takes no copy for whole during which another update has staged', async () => {
    server.run(
      `printf '%s\\n' '#!/bin/sh' 'case "$*" in */.hidden*) echo tsk_other >${STAGING}/task ;; esac' 'exec /bin/cp "$@"' >~/.local/openclaw/bin/cp; chmod 755 ~/.local/openclaw/bin/cp`,
    );
    expect(await update()).toMatchObject({ error: { code: 'conflict' }, result: { rolledBack: true } });
    expect([server.version(), server.isUp]).toEqual([OLD, true]);
    expect(server.run('ls -d ~/.openclaw*').stdout).toBe(`${server.home}/.openclaw\n`);
  });

  inLongRun('waits, and leaves the gateway alone, while another update is past its swap', async () => {
    let undone = 0;
    server.onScript = (text) => {
      if (isSwap(text)) server.run(`echo tsk_other >${STAGING}/task; mkdir ${STAGING}/old`);
      // The other one has ended.
      if (isUndo(text) && ++undone === 2) server.run(`rm -rf ${STAGING}`);
    };
    expect(await update()).toMatchObject({ error: { code: 'conflict' }, result: { rolledBack: true } });
    expect(undone).toBe(2);
    expect(server.orders()).toEqual([`stop ${OLD}`, `start ${OLD}`]);
    expectAsBefore();
  });

  inLongRun('is undone again when a power cut has lost what was known of it', async () => {
    server.write('migration-fails', '');
    server.onEnded = (run) => {
      if (!run.endsWith('rollback-undo-0')) return;
      throw new AppError('not_found', 'The output of the command is no longer on the server.');
    };
    const task = await update();
    expect(task).toMatchObject({ status: 'failed', result: { rolledBack: true } });
    expectAsBefore();
  });

  inLongRun('keeps what was said to the old version after a cut before the swap', async () => {
    server.run(
      `cd ~/.local/openclaw/bin && mv node real-node &&
      printf '%s\\n' '#!/bin/sh' 'case "$*" in *renameSync*lib/node_modules/openclaw\\ *old/package) kill -9 $PPID; exit 1 ;; esac' 'exec "$(dirname "$0")/real-node" "$@"' >node &&
      chmod 755 node`,
    );
    server.onScript = (text) => {
      if (isUndo(text)) server.write('.openclaw/state', 'said meanwhile');
    };
    const task = await update();
    expect(statuses(task)).toMatchObject({ swap: 'failed', rollback: 'succeeded' });
    expect([server.version(), server.state(), server.isUp]).toEqual([OLD, 'said meanwhile', true]);
  });

  it('goes back when Buoy was stopped in the swap', async () => {
    const { promise: stopped, resolve } = Promise.withResolvers<void>();
    server.onScript = (text) => {
      if (!isSwap(text)) return;
      server.onScript = () => {};
      resolve(opened.close());
    };
    const { id } = await start();
    await stopped;
    expect(server.version()).toBe(NEW);
    opened = await openTestTasks(folder, [createUpdateOpenclawKind(server.tools())], {
      patienceMs: PATIENCE_MS,
    });
    const task = await opened.ended(id);
    expect(statuses(task)).toMatchObject({ swap: 'failed', migrate: 'skipped', rollback: 'succeeded' });
    expect(task).toMatchObject({
      ...{ status: 'failed', result: { rolledBack: true } },
      error: {
        code: 'shutting_down',
        message: 'Buoy was stopped while it swapped the versions. All changes were undone.',
      },
    });
    expect(server.orders()).toEqual([`stop ${OLD}`, `start ${OLD}`]);
    expectAsBefore();
  });

  inLongRun('loses nothing when a file cannot be put back, and tells where it is', async () => {
    server.write('migration-fails', '');
    server.run(
      `printf '%s\\n' '#!/bin/sh' 'case "$1" in *before-update/.hidden) exit 1 ;; esac' 'exec /bin/mv "$@"' >~/.local/openclaw/bin/mv; chmod 755 ~/.local/openclaw/bin/mv`,
    );
    const { id } = await update();
    expect((await opened.tasks.output(id, 0)).text).toContain('.before-update/.hidden stays where it is');
    expect(server.version()).toBe(OLD);
    expect(server.state()).toBe(`of ${OLD}`);
    expect(server.run('cat ~/.openclaw.before-update/.hidden/key').stdout).toContain('secret');
  });

  inLongRun(
    'can be undone again after the undoing was cut at any of its moves',
    {
      timeout: 5 * 60_000,
    },
    async () => {
      for (const cutAt of [1, 2, 3, 4, 5, 6, 7, 8]) {
        const one = createUpdateServer();
        try {
          await cutWhileUndone(one, cutAt);
          expect([cutAt, one.version(), one.state()]).toEqual([cutAt, OLD, `of ${OLD}`]);
          expect(one.run('cat ~/.openclaw/.hidden/key ~/.openclaw/openclaw.json').stdout).toBe('secret{}');
        } finally {
          one.remove();
        }
      }
    },
  );

  it('goes back when a session is gone afterwards', { timeout: 30_000 }, async () => {
    server.sessions[NEW] = ['agent:main:main'];
    const { tasks } = opened;
    const { id } = await start();
    await opened.taskWhen(id, ({ steps }) => steps[7]?.detail === 'The session agent:main:work is gone.');
    await tasks.cancel(id);
    expect(await opened.ended(id)).toMatchObject({ status: 'cancelled', result: { rolledBack: true } });
    expectAsBefore();
  });

  it('refuses while agents are at work, when it is told not to wait', async () => {
    server.isBusy = true;
    expect(await update({ whenBusy: 'refuse' })).toMatchObject({ status: 'failed', error: { code: 'busy' } });
    expectAsBefore();
  });

  it('waits for agents at work before it stops the gateway, and can be cancelled meanwhile', async () => {
    server.isBusy = true;
    const { id } = await start();
    await opened.taskWhen(id, ({ steps }) => steps[2]?.detail?.includes('agents') === true);
    await opened.tasks.cancel(id);
    expect(await opened.ended(id)).toMatchObject({ status: 'cancelled', result: null });
    expect(server.orders()).toEqual([]);
    expect(server.isUp).toBe(true);
    // The new version takes room, and what another update stages in its place stays.
    expect(
      server.run('ls -d ~/.local/openclaw/lib/node_modules/.update* ~/.openclaw.before-update*').stdout,
    ).toBe('');
  });

  inLongRun('removes nothing that another update has staged meanwhile when it is cancelled', async () => {
    server.isBusy = true;
    const { id } = await start();
    await opened.taskWhen(id, ({ steps }) => steps[2]?.detail?.includes('agents') === true);
    const staging = '~/.local/openclaw/lib/node_modules/.update-openclaw';
    server.run(`echo tsk_other >${staging}/task; touch ~/.openclaw.before-update.tsk_other.room`);
    await opened.tasks.cancel(id);
    await opened.ended(id);
    expect(server.run(`cat ${staging}/task; ls -d ${staging}/new ~/.openclaw.before-update*`).stdout).toBe(
      [
        'tsk_other',
        server.at('.local/openclaw/lib/node_modules/.update-openclaw/new'),
        server.at('.openclaw.before-update.tsk_other.room'),
        '',
      ].join('\n'),
    );
  });
});

/** The migration fails; the script that undoes it is killed at its nth move, and run again as after a reboot. */
async function cutWhileUndone(server: UpdateServer, cutAt: number): Promise<void> {
  server.write('migration-fails', '');
  server.write('moves', '');
  let isFirst = true;
  server.onScript = (script) => {
    if (!script.includes('Puts the old version and its state back') || !isFirst) return;
    isFirst = false;
    server.run(
      `printf '%s\\n' '#!/bin/sh' 'echo >>~/moves' '[ "$(wc -l <~/moves)" != ${cutAt} ] || kill -9 $PPID' 'exec /bin/mv "$@"' >~/.local/openclaw/bin/mv; chmod 755 ~/.local/openclaw/bin/mv`,
    );
  };
  const folder = makeTestFolder();
  const opened = await openTestTasks(folder, [createUpdateOpenclawKind(server.tools())], {
    patienceMs: PATIENCE_MS,
  });
  const { id } = await opened.tasks.start('update-component', {
    serverId: await opened.newServer(),
    input: { component: 'openclaw' },
    createdBy: 'u_1',
  });
  await opened.ended(id);
  await opened.close();
  folder.remove();
}

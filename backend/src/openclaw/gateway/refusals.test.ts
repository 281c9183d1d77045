import { describe, expect, test } from 'vitest';
import { AppError } from '../../lib/app-error.ts';
import { connectRefused, rpcFailure } from './failures.ts';
import type { RpcError } from './frames.ts';
import { explained, type Meaning, refusalIn } from './refusals.ts';

const refused = (message: string, details?: unknown) =>
  rpcFailure('agents.create', { code: 'INVALID_REQUEST', message, details }, '2026.9.6');

const isDuplicate: Meaning = {
  when: ({ message }) => message.endsWith('already exists'),
  is: ({ message }) => new AppError('duplicate', `There is one: ${message}.`),
};
const isStale: Meaning = {
  when: ({ details }) => details.type === 'agent_file_conflict',
  is: ({ details }) => new AppError('stale_version', 'It has changed.', { details }),
};

describe('a refusal of OpenClaw', () => {
  test('keeps its code, message and details', () => {
    expect(refusalIn(refused('agent "x" already exists', { a: 1 }))).toEqual({
      code: 'INVALID_REQUEST',
      message: 'agent "x" already exists',
      details: { a: 1 },
    });
    expect(refusalIn(refused('no', null))).toMatchObject({ details: {} });
    expect(refusalIn(new AppError('refused', 'By SSH.'))).toBeNull();
    expect(refusalIn(new AppError('unreachable', 'Gone.'))).toBeNull();
    expect(refusalIn(new Error('odd'))).toBeNull();
  });

  test.each([
    ['a refused call', rpcFailure],
    ['a gateway that is not available', rpcFailure, 'UNAVAILABLE'],
    ['a refused sign-in', (_method: string, error: RpcError) => connectRefused(error)],
  ])('shows no secret in what OpenClaw says of %s', (_what, failureOf, code = 'INVALID_REQUEST') => {
    const said = {
      code,
      message: 'bad header: Authorization: Bearer sk-proj-0123456789abcdefghijklmnop',
      details: {
        code: 'CRON_JOB_NOT_FOUND',
        currentHash: '3f786850e387550fdab836ed7e6dc881de23001b3f786850e387550fdab836ed',
        apiKey: 'hunter2hunter2',
        issues: [{ path: 'models', message: 'no: token=0123456789abcdef' }],
      },
    };
    const { details } = failureOf('cron.update', said, '2026.9.6');
    expect(JSON.stringify(details)).not.toMatch(/sk-proj|hunter2|0123456789abcdef/);
    expect(details).toMatchObject({
      openclaw: {
        code,
        message: expect.stringContaining('bad header: '),
        details: { code: said.details.code, currentHash: said.details.currentHash },
      },
    });
  });

  test('becomes the first matching error', async () => {
    const both = [isStale, isDuplicate];
    await expect(explained(Promise.reject(refused('agent "x" already exists')), both)).rejects.toMatchObject({
      code: 'duplicate',
    });
    await expect(
      explained(Promise.reject(refused('conflict', { type: 'agent_file_conflict', currentHash: 'h' })), both),
    ).rejects.toMatchObject({ code: 'stale_version', details: { currentHash: 'h' } });
  });

  test('stays unchanged without a match, like every other failure and every answer', async () => {
    await expect(explained(Promise.reject(refused('no')), [isDuplicate])).rejects.toMatchObject({
      code: 'refused',
      details: { openclaw: { message: 'no' } },
    });
    await expect(
      explained(Promise.reject(new AppError('deadline', 'already exists')), [isDuplicate]),
    ).rejects.toMatchObject({ code: 'deadline' });
    expect(await explained(Promise.resolve(3), [isDuplicate])).toBe(3);
  });
});

// Rows of the real gateways and of the command, shortened to the fields that are read.
import { openclawSession } from '@buoy/contract';
import { describe, expect, test } from 'vitest';
import { presentSession, sessionRow } from './session-row.ts';

const present = (row: object) => openclawSession.parse(presentSession(sessionRow.parse(row)));

/** sessions.list of 2026.9.6. */
const current = {
  key: 'agent:main:lab1',
  agentId: 'main',
  isMain: false,
  kind: 'direct',
  label: 'Lab one',
  displayName: 'Lab one',
  updatedAt: 1_795_560_280_869,
  createdAt: 1_795_560_277_053,
  archived: false,
  pinned: true,
  unread: true,
  inputTokens: 12_983,
  outputTokens: 54,
  totalTokens: 12_983,
  totalTokensFresh: true,
  contextTokens: 128_000,
  estimatedCostUsd: 0.0104,
  status: 'done',
  modelProvider: 'fake',
  model: 'fake-1',
  thinkingLevel: 'off',
  thinkingOptions: ['off'],
  hasActiveRun: false,
  activeRunIds: [],
};

describe('a session', () => {
  test('of 2026.9.6', () => {
    expect(present(current)).toMatchObject({
      agentId: 'main',
      label: 'Lab one',
      title: 'Lab one',
      isMain: false,
      status: 'done',
      running: false,
      pinned: true,
      updatedAt: '2026-11-24T22:44:40.869Z',
      model: 'fake/fake-1',
      thinking: 'off',
      tokens: { input: 12_983, output: 54, total: 12_983, context: 128_000, staleSinceCompaction: false },
      costUsd: 0.0104,
    });
  });

  test('of 2026.7.35, whose agent and main session show in the key, and whose title may be that of a program', () => {
    const row = {
      key: 'agent:sales:main',
      displayName: 'Buoy',
      origin: { label: 'Buoy', provider: 'webchat' },
    };
    expect(present(row)).toMatchObject({ agentId: 'sales', isMain: true, title: null, status: null });
    expect(present({ ...row, origin: { provider: 'telegram' } }).title).toBe('Buoy');
  });

  test('of the command, which has fewer fields', () => {
    const row = { key: 'agent:main:main', kind: 'direct', totalTokens: null, totalTokensFresh: false };
    expect(present(row)).toMatchObject({
      pinned: null,
      archived: null,
      unread: null,
      costUsd: null,
      tokens: { total: null, staleSinceCompaction: false },
    });
  });

  test('runs when its list of runs has one, whatever other fields say', () => {
    expect(present({ ...current, hasActiveRun: true, activeRunIds: [] }).running).toBe(false);
    expect(present({ ...current, activeRunIds: ['r1'] })).toMatchObject({
      running: true,
      activeRunIds: ['r1'],
    });
    const { hasActiveRun: _flag, activeRunIds: _ids, ...described } = current;
    expect(present({ ...described, status: 'running' }).running).toBe(true);
  });

  test('has none of its runs and thinking levels where one of them is no text', () => {
    const row = { ...current, hasActiveRun: true, activeRunIds: ['r1', 7], thinkingOptions: ['off', null] };
    expect(present(row)).toMatchObject({ running: true, activeRunIds: [], thinkingLevels: [] });
  });

  test('marks token counts from before a compaction', () => {
    expect(present({ ...current, totalTokensFresh: false }).tokens.staleSinceCompaction).toBe(true);
  });

  test('accepts unknown fields', () => {
    expect(
      present({
        key: 'global',
        status: 'levitating',
        updatedAt: null,
        inputTokens: -1,
        pinned: 'yes',
        model: 7,
      }),
    ).toMatchObject({ agentId: null, status: 'unknown', updatedAt: null, pinned: null, model: null });
  });
});

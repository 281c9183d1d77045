// Messages of the real chat.history (2026.9.6), shortened to the fields that are read.
import { openclawMessage } from '@buoy/contract';
import { describe, expect, test } from 'vitest';
import { messageRow, presentMessage } from './message-row.ts';

const present = (row: object) => openclawMessage.parse(presentMessage(messageRow.parse(row)));

describe('a message', () => {
  test('of a person', () => {
    const row = {
      role: 'user',
      content: 'run: uname -s',
      timestamp: 1_795_564_160_372,
      __openclaw: { id: 'm1' },
    };
    expect(present(row)).toMatchObject({
      id: 'm1',
      role: 'user',
      text: 'run: uname -s',
      at: '2026-11-24T23:49:20.372Z',
      toolCalls: [],
      toolResult: null,
      usage: null,
    });
  });

  test('of the model that uses a tool, without its reasoning', () => {
    const row = {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'a secret thought' },
        { type: 'text', text: 'I look.' },
        { type: 'toolCall', id: 'c1', name: 'exec', arguments: { command: 'uname -s' } },
        { type: 'image', data: 'x' },
      ],
      provider: 'fake',
      model: 'fake-1',
      usage: {
        input: 11_192,
        output: 14,
        totalTokens: 11_206,
        cacheRead: 0,
        cacheWrite: 0,
        cost: { total: 0.01 },
      },
      stopReason: 'toolUse',
      __openclaw: { id: 'm2', runId: 'r1' },
    };
    expect(present(row)).toMatchObject({
      runId: 'r1',
      text: 'I look.',
      toolCalls: [{ id: 'c1', name: 'exec', arguments: { command: 'uname -s' } }],
      attachments: ['image'],
      model: 'fake/fake-1',
      usage: { input: 11_192, output: 14, total: 11_206, costUsd: 0.01 },
      stopReason: 'toolUse',
    });
    expect(JSON.stringify(present(row))).not.toContain('thought');
  });

  test('of a tool', () => {
    const content = [
      { type: 'text', text: 'one' },
      { type: 'text', text: 'two' },
    ];
    expect(
      present({ role: 'toolResult', toolCallId: 'c1', toolName: 'exec', content, isError: true }),
    ).toMatchObject({
      role: 'tool',
      text: 'one\ntwo',
      toolResult: { callId: 'c1', name: 'exec', failed: true },
    });
  });

  test('that failed, and one of an unknown kind', () => {
    expect(present({ role: 'assistant', content: [], errorMessage: 'aborted' })).toMatchObject({
      error: 'aborted',
    });
    const key = `sk-ant-api03-${'Ab1'.repeat(20)}`;
    const { error } = present({
      role: 'assistant',
      content: [],
      errorMessage: `401 for ${key} ${'x'.repeat(9_000)}`,
    });
    expect(error).toContain('401 for');
    expect(error).not.toContain('Ab1Ab1');
    expect(error!.length).toBeLessThan(5_000);
    expect(present({ role: 'compactionSummary', content: 7 })).toMatchObject({ role: 'system', text: '' });
    expect(present({ role: 'user' })).toMatchObject({ text: '', toolCalls: [] });
  });

  test('whose parts are not as usual', () => {
    const text = { type: 'text', text: 'one' };
    const content = [text, { type: 7, text: 'two' }, { type: 'text', text: 7 }, { type: 'toolCall', id: 7 }];
    expect(present({ role: 'assistant', content })).toMatchObject({
      text: 'one',
      toolCalls: [{ id: null, name: '', arguments: null }],
      attachments: [],
    });
    expect(present({ role: 'assistant', content: Array(501).fill(text) }).text).toHaveLength(500 * 4 - 1);
    expect(present({ role: 'assistant', content: [text, 7] }).text).toBe('');
  });
});

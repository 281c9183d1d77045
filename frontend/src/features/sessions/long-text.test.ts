import type { OpenclawMessage } from '@buoy/contract';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import type { Call } from './conversation.ts';
import { EntryRow } from './entry-row.tsx';

const LONG = `first words ${'x'.repeat(8 * 1024 * 1024)}\u200b last words`;

const message = (changes: Partial<OpenclawMessage>): OpenclawMessage => ({
  ...{ id: 'm1', runId: null, role: 'assistant', at: null, text: '', toolCalls: [], toolResult: null },
  ...{ attachments: [], model: null, usage: null, stopReason: null, error: null },
  ...changes,
});
const call: Call = { id: 'c1', name: 'read', title: null, input: null, output: null, state: 'done' };
const shown = (changes: Partial<OpenclawMessage>, calls: readonly Call[] = []): string =>
  renderToStaticMarkup(
    createElement(EntryRow, {
      entry: { kind: 'message', id: 'm1', message: message(changes), calls },
    }),
  );

describe('a stored message of eight million characters', () => {
  it.each([
    ['of a person', shown({ role: 'user', text: LONG })],
    ['of an agent', shown({ role: 'assistant', text: LONG })],
    ['of OpenClaw itself', shown({ role: 'system', text: LONG })],
    ['that a tool printed', shown({}, [{ ...call, output: LONG }])],
    ['that a tool was given', shown({}, [{ ...call, input: { text: LONG } }])],
  ])('%s does not hold up the page of its reader, who can ask for all of it', (_whose, markup) => {
    expect(markup).toContain('first words');
    expect(markup.length).toBeLessThan(30_000);
    expect(markup).toContain('This is the beginning of a very long text.');
    expect(markup).toContain('Show all of it');
  });

  it('is cut between characters', () => {
    const markup = shown({ role: 'user', text: `${'x'.repeat(19_999)}👩 and more` });
    expect(markup).not.toMatch(/[\ud800-\udfff]|\ufffd/);
  });
});

it('a stored message of twenty thousand line ends is shown up to its thousandth line', () => {
  const markup = shown({
    role: 'user',
    text: `${'\n'.repeat(999)}last seen\nnot seen${'\n'.repeat(19_000)}`,
  });
  expect(markup).toContain('last seen');
  expect(markup).not.toContain('not seen');
  expect(markup).toContain('Show all of it');
});

it.each([
  ['twenty thousand characters', 'x'.repeat(20_000)],
  ['a thousand lines', `${'x\n'.repeat(999)}x`],
])('a message of %s is shown whole', (_length, text) => {
  const markup = shown({ role: 'user', text });
  expect(markup).toContain(text);
  expect(markup).not.toContain('Show all of it');
});

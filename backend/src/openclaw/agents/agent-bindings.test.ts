// The bindings of one agent among those of all.
import { expect, test } from 'vitest';
import { bindingsOf, withBindings } from './agent-bindings.ts';

const telegram = { channel: 'telegram', account: null, peer: null };
const group = { channel: 'telegram', account: 'sales', peer: { kind: 'group', id: '-100' } };
const raw = {
  main: { agentId: 'main', match: { channel: 'telegram', accountId: '*' } },
  sales: {
    agentId: 'sales',
    comment: 'by hand',
    match: { channel: 'telegram' },
    session: { dmScope: 'main' },
  },
  old: { agentId: 'sales', match: { channel: 'whatsapp', peer: { kind: 'dm', id: '+1' } } },
  acp: { agentId: 'sales', type: 'acp', match: { channel: 'discord', peer: { kind: 'channel', id: '7' } } },
};
const config = { bindings: Object.values(raw) };

test('bindings › lists the routes of one agent in their order, without other kinds of bindings', () => {
  expect(bindingsOf(config, 'sales')).toEqual([
    telegram,
    { channel: 'whatsapp', account: null, peer: { kind: 'direct', id: '+1' } },
  ]);
  expect(bindingsOf({}, 'sales')).toEqual([]);
  expect(bindingsOf({ bindings: ['odd', null, { agentId: 'sales' }] }, 'sales')).toEqual([]);
});

test('bindings › a change keeps existing entries unchanged and appends new ones once', () => {
  expect(withBindings(config, 'sales', [group, telegram, group])).toEqual([
    raw.main,
    raw.sales,
    raw.acp,
    {
      agentId: 'sales',
      match: { channel: 'telegram', accountId: 'sales', peer: { kind: 'group', id: '-100' } },
    },
  ]);
  expect(withBindings(config, 'sales', [])).toEqual([raw.main, raw.acp]);
});

test('bindings › refuses a binding of another agent', () => {
  expect(() => withBindings(config, 'main', [telegram])).toThrow(
    expect.objectContaining({ code: 'conflict', details: expect.objectContaining({ agentId: 'sales' }) }),
  );
});

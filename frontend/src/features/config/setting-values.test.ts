import type { ConfigNode } from '@buoy/contract';
import { describe, expect, it } from 'vitest';
import {
  channelSwitch,
  channelsIn,
  patchOfEdits,
  problemOf,
  realEdits,
  shownValue,
  switchedChannel,
} from './setting-values.ts';

function node(change: Partial<ConfigNode>): ConfigNode {
  return {
    path: '',
    types: ['string'],
    title: null,
    help: null,
    enum: null,
    default: null,
    minimum: null,
    maximum: null,
    sensitive: false,
    advanced: false,
    reloadKind: 'hot',
    needsRestart: false,
    children: [],
    ...change,
  };
}
const hour = node({ types: ['integer'], minimum: 0, maximum: 23 });

describe('config settings field', () => {
  it('shows the config value, and nothing for a missing one', () => {
    const config = { session: { reset: { atHour: 4 } }, tools: { profile: { odd: true } } };
    expect(shownValue(config, 'session.reset.atHour')).toBe('4');
    expect(shownValue(config, 'tools.profile')).toBe('');
    expect(shownValue(config, 'logging.level')).toBe('');
  });

  it.each([
    ['', null],
    ['23', null],
    ['24', { from: 0, to: 23 }],
    ['-1', { from: 0, to: 23 }],
    ['4.5', 'whole-number'],
    ['four', 'whole-number'],
  ])('of hours takes %j, or says why not: %j', (text, problem) => {
    expect(problemOf(text, hour)).toEqual(problem);
  });

  it('counts as an edit only while it differs from the config', () => {
    const config = { logging: { level: 'info' } };
    expect(realEdits(config, { 'logging.level': ' info ', 'tools.profile': '' })).toEqual({});
    expect(realEdits(config, { 'logging.level': 'debug' })).toEqual({ 'logging.level': 'debug' });
  });
});

it('builds one typed patch from all edits and removes emptied fields', () => {
  const nodes = new Map([
    ['session.reset.atHour', hour],
    ['channels.telegram.enabled', node({ types: ['boolean'] })],
    ['tools.profile', node({})],
  ]);
  const edits = {
    'session.reset.atHour': '4',
    'channels.telegram.enabled': 'false',
    'tools.profile': '',
    'logging.level': 'debug',
  };
  expect(patchOfEdits(edits, nodes)).toEqual({
    session: { reset: { atHour: 4 } },
    channels: { telegram: { enabled: false } },
    tools: { profile: null },
    logging: { level: 'debug' },
  });
});

it.each(['telegram', 'my.chat', '__proto__', 'a"b', 'channels.x.enabled'])(
  'the switch of the channel %j changes that channel and is named after it',
  (channel) => {
    const path = channelSwitch(channel);
    expect(switchedChannel(path)).toBe(channel);
    const patch = patchOfEdits({ [path]: 'false' }, new Map([[path, node({ types: ['boolean'] })]]));
    expect(JSON.stringify(patch)).toBe(`{"channels":{${JSON.stringify(channel)}:{"enabled":false}}}`);
    expect(shownValue(patch, path)).toBe('false');
  },
);

it('lists only the channels of the config, not the keys beside them', () => {
  expect(channelsIn({ channels: { telegram: {}, defaults: {}, modelByChannel: {}, slack: {} } })).toEqual([
    'telegram',
    'slack',
  ]);
  expect(channelsIn({})).toEqual([]);
});

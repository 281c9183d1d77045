import type { Task } from '@buoy/contract';
import { describe, expect, it } from 'vitest';
import {
  emptySetupDraft,
  hasSecrets,
  portOf,
  questionsOf,
  type SetupDraft,
  setUpBy,
  setupOf,
  withoutSecrets,
} from './setup-draft.ts';

const draft = (change: Partial<SetupDraft> = {}): SetupDraft => ({ ...emptySetupDraft, ...change });
/** Everything typed, as after a person has tried several providers. */
const typed = {
  apiKey: ' sk-1 ',
  baseUrl: ' https://llm.example.com/v1 ',
  model: ' m-1 ',
  sudoPassword: ' p w ',
};
/** The form asks neither for a password nor who downloads. */
const neither = { sudo: false, via: false };
const defaults = { node: { version: '24' }, openclaw: { version: 'latest' }, gateway: { port: 18_789 } };

describe('setup questions', () => {
  it('asks for the key of a hosted provider, and nothing else', () => {
    for (const provider of ['anthropic', 'openai', 'google', 'openrouter'] as const)
      expect(questionsOf(provider)).toEqual({ apiKey: 'required', address: null, model: null });
  });

  it('asks for address and model of another provider, whose key may be missing', () => {
    expect(questionsOf('custom')).toEqual({ apiKey: 'optional', address: 'required', model: 'required' });
  });

  it('asks Ollama for a model at most, and nothing for later', () => {
    expect(questionsOf('ollama')).toEqual({ apiKey: null, address: null, model: 'optional' });
    expect(questionsOf('skip')).toEqual({ apiKey: null, address: null, model: null });
  });
});

describe('setup request', () => {
  it('holds the key without surrounding spaces, and the defaults', () => {
    expect(setupOf(draft({ apiKey: typed.apiKey }), neither)).toEqual({
      onboard: { provider: 'anthropic', apiKey: 'sk-1' },
      ...defaults,
    });
  });

  it('leaves out what was typed for another provider', () => {
    expect(setupOf(draft({ ...typed, provider: 'openai' }), neither).onboard).toEqual({
      provider: 'openai',
      apiKey: 'sk-1',
    });
    expect(setupOf(draft({ ...typed, provider: 'skip' }), neither).onboard).toEqual({ provider: 'skip' });
    expect(setupOf(draft({ ...typed, provider: 'ollama' }), neither).onboard).toEqual({
      provider: 'ollama',
      model: 'm-1',
    });
  });

  it('holds address, model and API of another provider, and no key that was not typed', () => {
    expect(
      setupOf(draft({ ...typed, apiKey: '', provider: 'custom', compatibility: 'anthropic' }), neither)
        .onboard,
    ).toEqual({
      ...{ provider: 'custom', baseUrl: 'https://llm.example.com/v1' },
      ...{ model: 'm-1', compatibility: 'anthropic' },
    });
  });

  it('holds the password for sudo as it was typed, and only where it is asked for', () => {
    expect(setupOf(draft(typed), { ...neither, sudo: true }).sudoPassword).toBe(' p w ');
    expect(setupOf(draft(typed), neither)).not.toHaveProperty('sudoPassword');
    expect(setupOf(draft(), { ...neither, sudo: true })).not.toHaveProperty('sudoPassword');
  });

  it('says who downloads only where it is asked, and then that it is Buoy', () => {
    expect(setupOf(draft(), neither)).not.toHaveProperty('via');
    expect(setupOf(draft(), { ...neither, via: true }).via).toBe('buoy');
    expect(setupOf(draft({ via: 'server' }), { ...neither, via: true }).via).toBe('server');
  });

  it('holds the token of a bot where one was typed, without surrounding spaces', () => {
    const botToken = '700000001:AAFakeTokenOfTheTestBedWithThirtyFiveChars';
    expect(setupOf(draft({ botToken: ` ${botToken} ` }), neither).channel).toEqual({
      ...{ type: 'telegram', botToken },
    });
    expect(setupOf(draft({ botToken: ' ' }), neither)).not.toHaveProperty('channel');
  });

  it('holds the advanced settings', () => {
    expect(setupOf(draft({ port: '19000', node: '24.21.0', openclaw: '2026.9.6' }), neither)).toMatchObject({
      ...{ node: { version: '24.21.0' }, openclaw: { version: '2026.9.6' } },
      gateway: { port: 19_000 },
    });
  });
});

it('forgets the secrets of a sent draft, and nothing else', () => {
  const sent = draft({ ...typed, provider: 'custom', botToken: '7:AA' });
  expect(hasSecrets(sent)).toBe(true);
  expect(hasSecrets(draft({ botToken: '7:AA' }))).toBe(true);
  expect(withoutSecrets(sent)).toEqual({ ...sent, apiKey: '', botToken: '', sudoPassword: '' });
  expect(hasSecrets(withoutSecrets(sent))).toBe(false);
});

it('takes whole numbers from 1 to 65535 for a port', () => {
  expect(['18789', '1', '65535'].map((port) => portOf({ port }))).toEqual([18_789, 1, 65_535]);
  expect(['', '0', '65536', '1e3', ' 1', '-1'].map((port) => portOf({ port }))).toEqual(Array(6).fill(null));
});

describe('result of a setup', () => {
  const task = (change: Partial<Task>): Task => ({
    ...{ id: 'tsk_1', type: 'setup', serverId: 'srv_1', status: 'succeeded', steps: [], progress: 1 },
    ...{ error: null, createdBy: 'system', createdAt: '', startedAt: null, finishedAt: null },
    result: { version: '2026.9.6', gateway: { port: 18_789, bind: 'loopback' }, tookMs: 70_000 },
    ...change,
  });

  it('is the version and the port', () => {
    expect(setUpBy(task({}))).toEqual({ version: '2026.9.6', port: 18_789 });
  });

  it('is missing for a failed setup and for a single step', () => {
    expect(setUpBy(task({ status: 'failed', result: null }))).toBeNull();
    expect(setUpBy(task({ type: 'install-openclaw' }))).toBeNull();
    expect(setUpBy(task({ result: { version: '2026.9.6' } }))).toBeNull();
  });
});

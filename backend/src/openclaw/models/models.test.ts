// Which models may become the default, and what is written to the config.
import { beforeEach, describe, expect, test } from 'vitest';
import type { ConfigPatch } from '../config/writer.ts';
import { type CalledGateways, createCalledGateways, readerOf } from '../testing/called-gateways.ts';
import { createModels } from './models.ts';

let gateways: CalledGateways;
let patches: ConfigPatch[];
const signal = new AbortController().signal;

beforeEach(() => {
  patches = [];
  gateways = createCalledGateways();
  gateways.methods['models.list'] = () => ({ models: [{ id: 'fake-1', provider: 'fake' }] });
  gateways.methods['config.get'] = () => ({
    valid: true,
    parsed: { models: { providers: { fake: { models: [{ id: 'fake-1' }, { id: 'fake-2' }] }, odd: 7 } } },
  });
});

const setDefault = (model: string) =>
  createModels({
    reader: readerOf(gateways),
    gateways,
    hostConfigs: { read: () => Promise.reject(new Error('not part of this test')) } as never,
    writer: {
      async patchConfig(_serverId, patch) {
        patches.push(patch);
        return { hash: 'h', changes: [], restart: false, applied: true, rev: 2 };
      },
    },
  }).setDefault('s1', { model }, 'u_1', { signal });

describe('the default model', () => {
  test('can be a model that OpenClaw lists', async () => {
    expect(await setDefault('fake/fake-1')).toEqual({ model: 'fake/fake-1', rev: 2, applied: true });
    expect(patches).toMatchObject([
      { patch: { agents: { defaults: { model: { primary: 'fake/fake-1' } } } }, by: 'u_1' },
    ]);
    expect(patches[0]?.patch).not.toHaveProperty('agents.defaults.models');
  });

  test('can be a model of a provider in the config, which agents may then use', async () => {
    await setDefault('fake/fake-2');
    expect(patches[0]?.patch).toEqual({
      agents: { defaults: { model: { primary: 'fake/fake-2' }, models: { 'fake/fake-2': {} } } },
    });
  });

  test('returns 404 for an unknown model', async () => {
    await expect(setDefault('fake/fake-3')).rejects.toMatchObject({ code: 'not_found' });
    expect(patches).toEqual([]);
  });
});

// What the first config of OpenClaw is written from: which words reach a command line, and which only a pipe.
import { describe, expect, test } from 'vitest';
import { onboardingParts } from './onboard.ts';

const input = { providerId: 'custom', compatibility: 'openai' as const, hasKey: true };

describe('onboarding', () => {
  test.each([
    ['anthropic', 'apiKey', '--anthropic-api-key'],
    ['google', 'gemini-api-key', '--gemini-api-key'],
    ['openrouter', 'openrouter-api-key', '--openrouter-api-key'],
  ])('names %s as OpenClaw does', (provider, choice, option) => {
    expect(onboardingParts({ ...input, provider }, 'sk-1')).toEqual({
      ...{ authChoice: choice, keyOption: option, providerId: provider },
      configPatch: null,
    });
  });

  test('does not take the name of a property of objects for a provider that it knows', () => {
    expect(onboardingParts({ ...input, provider: 'constructor' }, 'sk-1').keyOption).toBe(
      '--constructor-api-key',
    );
  });

  test('makes the model that was chosen the default one', () => {
    const parts = onboardingParts({ ...input, provider: 'openai', model: 'gpt-6' }, 'sk-1');
    expect(parts.configPatch).toEqual({ agents: { defaults: { model: { primary: 'openai/gpt-6' } } } });
  });

  test('writes a provider with an address of its own into the config alone, its key included', () => {
    const custom = {
      ...input,
      provider: 'custom',
      providerId: 'mine',
      model: 'm1',
      baseUrl: 'http://[::1]:1/v1',
    };
    expect(onboardingParts(custom, 'sk-1')).toEqual({
      ...{ authChoice: 'skip', keyOption: null, providerId: 'mine' },
      configPatch: {
        models: {
          providers: {
            mine: {
              ...{ baseUrl: 'http://[::1]:1/v1', api: 'openai-completions', apiKey: 'sk-1' },
              models: [{ id: 'm1', name: 'm1' }],
            },
          },
        },
        agents: { defaults: { model: { primary: 'mine/m1' } } },
      },
    });
  });

  test.each(['skip', 'ollama'])('asks for no key with %s', (provider) => {
    expect(onboardingParts({ ...input, provider, hasKey: false }, '')).toMatchObject({
      ...{ authChoice: provider, keyOption: null, configPatch: null },
    });
  });
});

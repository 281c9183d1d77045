// What a setup takes.
import { expect, test } from 'vitest';
import { onboarding, setup } from './setup.ts';

const custom = (baseUrl: string) =>
  onboarding
    .safeParse({ provider: 'custom', model: 'm', baseUrl })
    .error?.issues.map(({ path }) => path.join('.'));

test.each([
  'https://ada:secret@models.example/v1',
  'https://secret@models.example/v1',
  'https://models.example/v1?key=secret',
])('onboarding refuses the address %s, which would be stored and shown with its secret', (baseUrl) => {
  expect(custom(baseUrl)).toEqual(['baseUrl']);
});

test('onboarding takes an address without a secret', () => {
  expect(custom('https://models.example:8443/v1')).toBeUndefined();
});

test.each(['POST /servers/:id/setup/systemd', 'POST /servers/:id/setup/systemd/preview'] as const)(
  '%s names no port unless asked: a gateway keeps the one of its config',
  (key) => {
    expect(setup[key].body.parse({})).not.toHaveProperty('port');
  },
);

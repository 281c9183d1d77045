// What a setup takes.
import { describe, expect, test } from 'vitest';
import { contract, type Endpoint, type EndpointKey } from './index.ts';
import { requestExamples } from './request-examples.ts';
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

test.each([
  ['openclaw', true],
  ['node', true],
  ['npm', true],
  ['ollama', false],
] as const)('an update of %s by way of Buoy is taken: %s', (component, isTaken) => {
  const update = setup['POST /servers/:id/setup/update-component'].body;
  const { error } = update.safeParse({ component, version: '1.2.3', via: 'buoy' });
  expect(error?.issues.map(({ path }) => path.join('.'))).toEqual(isTaken ? undefined : ['via']);
});

describe('a POST of a setup', () => {
  const common = { sudoPassword: 'planted-for-sudo', via: 'server' } as const;
  /** Which of both it goes on to use; all others use none. */
  const uses: Partial<Record<EndpointKey, ReadonlyArray<keyof typeof common>>> = {
    'POST /servers/:id/setup/fix': ['sudoPassword', 'via'],
    'POST /servers/:id/setup/install-node': ['via'],
    'POST /servers/:id/setup/install-node/preview': ['via'],
    'POST /servers/:id/setup/install-openclaw': ['via'],
    'POST /servers/:id/setup/install-openclaw/preview': ['via'],
    'POST /servers/:id/setup/configure-gateway': ['sudoPassword'],
    'POST /servers/:id/setup/configure-gateway/preview': ['sudoPassword'],
    'POST /servers/:id/setup/systemd': ['sudoPassword'],
    'POST /servers/:id/setup/systemd/preview': ['sudoPassword'],
    'POST /servers/:id/setup/update-component': ['sudoPassword', 'via'],
    'POST /servers/:id/setup/snapshots/:snapshotId/restore': ['via'],
    'POST /servers/:id/setup/run': ['sudoPassword', 'via'],
    'POST /servers/:id/setup/run/preview': ['sudoPassword', 'via'],
  };
  const posts = Object.entries<Endpoint>(contract).filter(
    ([key, { body }]) => key.startsWith('POST /servers/:id/setup/') && body !== undefined,
  );

  test.each(posts)(
    'takes the password for sudo and who downloads, and keeps what it uses: %s',
    (name, { body }) => {
      const key = name as EndpointKey;
      const { sudoPassword: _, via: __, ...own } = { ...common, ...requestExamples[key] };
      const used = Object.fromEntries((uses[key] ?? []).map((one) => [one, common[one]]));
      expect(body?.parse({ ...own, ...common })).toEqual({ ...(body?.parse(own) as object), ...used });
    },
  );

  test.each(posts)('refuses what is none of its fields, beside both: %s', (name, { body }) => {
    const example = requestExamples[name as EndpointKey];
    for (const wrong of [{ unknown: 1 }, { via: 'nobody' }, { sudoPassword: 'two\nlines' }])
      expect(body?.safeParse({ ...example, ...common, ...wrong }).success).toBe(false);
  });
});

// One path of OpenClaw's config schema in the form of the contract, from the answers of both versions.
import { expect, test } from 'vitest';
import { AppError } from '../../lib/app-error.ts';
import type { GatewayCall } from '../reads/reader.ts';
import { findNode, reloadKindAt } from './schema-node.ts';

const refused = () =>
  new AppError('refused', 'OpenClaw refused the call.', {
    details: { openclaw: { code: 'INVALID_REQUEST', message: 'config schema path not found' } },
  });

/** @param nodes answers by path; a path that is missing is refused */
const callOf =
  (nodes: Record<string, object>): GatewayCall =>
  async (_method, { path }, schema) => {
    const node = nodes[String(path)];
    if (node === undefined) throw refused();
    return schema.parse({ path, ...node }) as never;
  };

test('config schema › a number has its limits and the effect of a change', async () => {
  const call = callOf({
    'gateway.port': {
      schema: {
        type: 'integer',
        minimum: 1,
        maximum: 65_535,
        title: 'Gateway Port',
        description: 'TCP port',
      },
      reloadKind: 'restart',
      hint: { label: 'Port', help: 'help', advanced: false },
      hintPath: 'gateway.port',
      children: [],
    },
  });
  expect(await findNode(call, 'gateway.port')).toEqual({
    path: 'gateway.port',
    types: ['integer'],
    title: 'Gateway Port',
    help: 'TCP port',
    enum: null,
    default: null,
    minimum: 1,
    maximum: 65_535,
    sensitive: false,
    advanced: false,
    reloadKind: 'restart',
    needsRestart: true,
    children: [],
  });
});

test('config schema › choices are equal whether a version lists them (2026.9.6) or has one branch for each (2026.7.35)', async () => {
  const call = callOf({
    listed: { schema: { type: 'string', enum: ['off', 'low'] }, reloadKind: 'hot', children: [] },
    branches: {
      schema: {
        anyOf: [
          { type: 'string', const: 'off' },
          { type: 'string', const: 'low' },
        ],
      },
      children: [],
    },
  });
  for (const path of ['listed', 'branches'])
    expect(await findNode(call, path)).toMatchObject({ types: ['string'], enum: ['off', 'low'] });
  expect((await findNode(call, 'branches')).needsRestart).toBeNull();
});

test('config schema › the empty path is the whole config', async () => {
  const call = callOf({
    '.': {
      schema: { type: 'object' },
      children: [{ key: 'gateway', path: 'gateway', type: 'object', hasChildren: true }],
    },
  });
  expect(await findNode(call, '')).toMatchObject({
    path: '',
    children: [{ key: 'gateway', hasChildren: true, required: false, reloadKind: null }],
  });
});

test('config schema › returns 404 for an unknown path', async () => {
  await expect(findNode(callOf({}), 'no.such')).rejects.toMatchObject({ code: 'not_found' });
});

test('config schema › the deepest known path tells how a change is applied', async () => {
  const call = callOf({
    gateway: { reloadKind: 'restart' },
    'models.providers.*': { reloadKind: 'hot' },
  });
  expect(await reloadKindAt(call, ['gateway', 'unknown', 'deeper'])).toBe('restart');
  expect(await reloadKindAt(call, ['models', 'providers', 'my.own', 'apiKey'])).toBe('hot');
  expect(await reloadKindAt(call, ['nothing'])).toBeNull();
});

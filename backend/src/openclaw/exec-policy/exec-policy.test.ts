// The command policy: changed fields and preserved fields.
import { execPolicy } from '@buoy/contract';
import { beforeEach, expect, test } from 'vitest';
import { type CalledGateways, createCalledGateways, readerOf, refused } from '../testing/called-gateways.ts';
import { createExecPolicies, type ExecPolicies } from './exec-policy.ts';

const { signal } = new AbortController();
const file = {
  version: 1,
  socket: { path: '/home/claw/.openclaw/exec-approvals.sock' },
  defaults: { security: 'allowlist', ask: 'on-miss', askFallback: 'deny' },
  agents: { main: { ask: 'always', allowlist: [{ pattern: '/usr/bin/ls', id: '85bc', lastUsedAt: 5 }] } },
};
let gateways: CalledGateways;
let policies: ExecPolicies;
beforeEach(() => {
  gateways = createCalledGateways();
  gateways.methods['exec.approvals.get'] = () => ({ exists: true, file, hash: 'h1' });
  gateways.methods['exec.approvals.set'] = (params) => ({ file: params.file, hash: 'h2' });
  policies = createExecPolicies({ reader: readerOf(gateways), gateways });
});
const written = () => gateways.calls.at(-1)?.params;

test('command policy › has the fields of the contract', async () => {
  const { policy } = await policies.read('s1', { signal });
  expect(execPolicy.parse(policy)).toEqual({
    defaults: { security: 'allowlist', ask: 'on-miss' },
    agents: [{ agentId: 'main', security: null, ask: 'always', allowlist: ['/usr/bin/ls'] }],
    hash: 'h1',
  });
});

test('command policy › uses the defaults of OpenClaw for missing fields, and "unknown" for values of a later version', async () => {
  gateways.methods['exec.approvals.get'] = () => ({ file: { version: 1 } });
  expect((await policies.read('s1', { signal })).policy).toEqual({
    defaults: { security: null, ask: null },
    agents: [],
    hash: null,
  });
  gateways.methods['exec.approvals.get'] = () => ({ file: { defaults: { security: 'paranoid' } } });
  expect((await policies.read('s1', { signal })).policy.defaults.security).toBeNull();
});

test('command policy › a change keeps the fields that it does not name', async () => {
  const changed = await policies.change(
    's1',
    {
      defaults: { ask: null },
      agents: [
        { agentId: 'main', allowlist: ['/usr/bin/ls', '/usr/bin/cat'] },
        { agentId: 'sales', security: 'deny' },
      ],
      hash: 'h1',
    },
    signal,
  );
  expect(changed.hash).toBe('h2');
  expect(written()).toEqual({
    baseHash: 'h1',
    file: {
      ...file,
      defaults: { security: 'allowlist', askFallback: 'deny' },
      agents: {
        main: {
          ask: 'always',
          allowlist: [{ pattern: '/usr/bin/ls', id: '85bc', lastUsedAt: 5 }, { pattern: '/usr/bin/cat' }],
        },
        sales: { security: 'deny' },
      },
    },
  });
});

test('command policy › a change keeps unknown values of a later version', async () => {
  const later = { ...file, defaults: { security: 'paranoid', ask: 'off' } };
  gateways.methods['exec.approvals.get'] = () => ({ file: later, hash: 'h1' });
  await policies.change('s1', { defaults: { ask: 'always' } }, signal);
  expect(written()).toMatchObject({ file: { defaults: { security: 'paranoid', ask: 'always' } } });
});

test('command policy › returns 409 when the policy has changed, also at the same moment', async () => {
  await expect(policies.change('s1', { hash: 'h0' }, signal)).rejects.toMatchObject({
    code: 'stale_version',
  });
  gateways.methods['exec.approvals.set'] = () => {
    throw refused('exec approvals changed since last load; re-run exec.approvals.get and retry');
  };
  await expect(policies.change('s1', {}, signal)).rejects.toMatchObject({ code: 'stale_version' });
});

import type { ExecPolicy } from '@buoy/contract';
import { describe, expect, it } from 'vitest';
import { type PolicyForm, policyChangeOf, policyFormOf, rebased, widens } from './policy-form.ts';

const policy: ExecPolicy = {
  defaults: { security: 'allowlist', ask: 'on-miss' },
  agents: [{ agentId: 'main', security: null, ask: null, allowlist: ['git *', 'ls'] }],
  hash: 'h1',
};
const edit = (change: Partial<PolicyForm>) => ({ ...policyFormOf(policy), ...change });
const main = policyFormOf(policy).agents[0]!;

describe('exec policy form', () => {
  it('sends no changes for an unedited form, apart from blank lines and repeated patterns', () => {
    expect(policyChangeOf(policy, policyFormOf(policy))).toBeNull();
    const list = '\n git * \nls\n\nls\n';
    expect(policyChangeOf(policy, edit({ agents: [{ ...main, allowlist: list }] }))).toBeNull();
  });

  it('sends only edited rules with the hash that was read', () => {
    expect(policyChangeOf(policy, edit({ defaults: { security: 'allowlist', ask: null } }))).toEqual({
      defaults: { ask: null },
      hash: 'h1',
    });
    const agents = [
      { ...main, allowlist: 'ls' },
      { agentId: 'sales', security: 'deny' as const, ask: null, allowlist: '' },
    ];
    expect(policyChangeOf(policy, edit({ agents }))).toEqual({
      agents: [
        { agentId: 'main', allowlist: ['ls'] },
        { agentId: 'sales', security: 'deny' },
      ],
      hash: 'h1',
    });
  });

  it('applies edits on top of concurrent changes', () => {
    const agents = [
      { ...main, allowlist: 'ls' },
      { agentId: 'sales', security: 'deny' as const, ask: null, allowlist: '' },
    ];
    const change = policyChangeOf(policy, edit({ agents }));
    const theirs: ExecPolicy = {
      defaults: { security: 'deny', ask: null },
      agents: [
        { agentId: 'main', security: 'full', ask: null, allowlist: ['git *', 'ls'] },
        { agentId: 'shop', security: null, ask: 'always', allowlist: [] },
      ],
      hash: 'h2',
    };
    expect(policyChangeOf(theirs, rebased(theirs, change!))).toEqual({
      agents: [
        { agentId: 'main', allowlist: ['ls'] },
        { agentId: 'sales', security: 'deny' },
      ],
      hash: 'h2',
    });
  });

  it('detects rules that allow any command without asking', () => {
    const open = { security: 'full', ask: 'off' } as const;
    expect(widens(policy, policyFormOf(policy))).toBe(false);
    expect(widens(policy, edit({ defaults: open }))).toBe(true);
    expect(widens(policy, edit({ agents: [{ ...main, ...open }] }))).toBe(true);
    expect(widens({ ...policy, defaults: open }, edit({ defaults: open }))).toBe(false);
  });
});

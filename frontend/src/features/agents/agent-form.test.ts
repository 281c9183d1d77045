import type { Agent } from '@buoy/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AgentForm, changeOf, formOf } from './agent-form.ts';

const agent: Agent = {
  id: 'sales',
  name: 'Sales',
  emoji: '🛒',
  workspace: '/home/deploy/.openclaw/workspace-sales',
  model: 'fake/fake-1',
  thinking: 'low',
  sandbox: { mode: 'all', scope: 'agent', workspaceAccess: null },
  toolsProfile: 'full',
  heartbeat: { every: '30m', target: null, model: null },
  inherited: ['model', 'heartbeat'],
  isDefault: false,
  bindings: 0,
  createdAt: null,
};
const edit = (change: Partial<AgentForm>) => changeOf(agent, { ...formOf(agent), ...change });

describe('agent form', () => {
  it('shows the agent’s own values and no agent defaults', () => {
    expect(formOf(agent)).toMatchObject({
      name: 'Sales',
      model: '',
      thinking: 'low',
      sandboxMode: 'all',
      heartbeatEvery: '',
    });
  });

  it('sends no changes for an unedited form, apart from whitespace', () => {
    expect(changeOf(agent, formOf(agent))).toBeNull();
    expect(edit({ name: ' Sales ', model: '  ' })).toBeNull();
  });

  it.each<[Partial<AgentForm>, object]>([
    [{ model: 'fake/fake-2' }, { model: 'fake/fake-2' }],
    [{ thinking: '' }, { thinking: null }],
    [{ emoji: '' }, { emoji: null }],
    [{ sandboxScope: '' }, { sandbox: { scope: null } }],
    [{ sandboxMode: '', sandboxScope: '' }, { sandbox: null }],
    [{ heartbeatEvery: '45m' }, { heartbeat: { every: '45m' } }],
    [
      { name: 'Shop', toolsProfile: 'minimal' },
      { name: 'Shop', toolsProfile: 'minimal' },
    ],
  ])('%j becomes %j', (edited, change) => {
    expect(edit(edited)).toEqual(change);
  });

  it('never removes the name', () => {
    expect(edit({ name: '  ' })).toBeNull();
  });

  it('sends only the edited fields', () => {
    const fields = Object.keys(formOf(agent)) as (keyof AgentForm)[];
    fc.assert(
      fc.property(fc.constantFrom(...fields), fc.stringMatching(/^[a-z]{1,8}$/), (field, value) => {
        fc.pre(formOf(agent)[field] !== value);
        const change = edit({ [field]: value });
        expect(Object.keys(change ?? {})).toHaveLength(1);
        expect(JSON.stringify(change).match(/:"/g)).toHaveLength(1);
      }),
    );
  });
});

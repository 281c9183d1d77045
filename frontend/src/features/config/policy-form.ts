// The exec policy form, and the request body for its edits.
import type { ExecPolicy, ExecPolicyChange } from '@buoy/contract';

type Rules = Pick<ExecPolicy['defaults'], 'security' | 'ask'>;
export type AgentRules = Rules & { agentId: string; allowlist: string };
export type PolicyForm = { defaults: Rules; agents: readonly AgentRules[] };

/** One pattern a line. */
export function policyFormOf({ defaults, agents }: ExecPolicy): PolicyForm {
  return {
    defaults,
    agents: agents.map(({ allowlist, ...rules }) => ({ ...rules, allowlist: allowlist.join('\n') })),
  };
}

/** Only what is different from the policy; null when nothing is. Brings along the hash of the policy that was read. */
export function policyChangeOf(policy: ExecPolicy, form: PolicyForm): ExecPolicyChange | null {
  const defaults = rulesChange(policy.defaults, form.defaults);
  const agents = form.agents.flatMap(({ agentId, security, ask, allowlist }) => {
    const before = policy.agents.find((one) => one.agentId === agentId);
    const rules = rulesChange(before ?? { security: null, ask: null }, { security, ask });
    const patterns = patternsIn(allowlist);
    const isSameList = JSON.stringify(patterns) === JSON.stringify(before?.allowlist ?? []);
    if (rules === null && isSameList) return [];
    return [{ agentId, ...rules, ...(isSameList ? {} : { allowlist: patterns }) }];
  });
  if (defaults === null && agents.length === 0) return null;
  return {
    ...(defaults === null ? {} : { defaults }),
    ...(agents.length === 0 ? {} : { agents }),
    ...(policy.hash === null ? {} : { hash: policy.hash }),
  };
}

/** Applies the edits on top of a policy that someone else has changed meanwhile. */
export function rebased(now: ExecPolicy, { defaults, agents = [] }: ExecPolicyChange): PolicyForm {
  const form = policyFormOf(now);
  const edited = new Map(agents.map((one) => [one.agentId, one]));
  const isThere = (agentId: string) => now.agents.some((one) => one.agentId === agentId);
  const none = { security: null, ask: null, allowlist: '' };
  const all = [
    ...form.agents,
    ...agents.filter(({ agentId }) => !isThere(agentId)).map(({ agentId }) => ({ ...none, agentId })),
  ];
  return {
    defaults: { ...form.defaults, ...defaults },
    agents: all.map((rules) => {
      const { allowlist, ...change } = edited.get(rules.agentId) ?? {};
      return { ...rules, ...change, ...(allowlist === undefined ? {} : { allowlist: allowlist.join('\n') }) };
    }),
  };
}

/** Whether the edits let any agent run all commands without asking that could not before. */
export function widens(policy: ExecPolicy, form: PolicyForm): boolean {
  const isWide = ({ security, ask }: Rules) => security === 'full' && ask === 'off';
  return (
    (isWide(form.defaults) && !isWide(policy.defaults)) ||
    form.agents.some(
      (rules) => isWide(rules) && !policy.agents.some((one) => one.agentId === rules.agentId && isWide(one)),
    )
  );
}

function patternsIn(allowlist: string): string[] {
  const lines = allowlist.split('\n').map((line) => line.trim());
  return [...new Set(lines.filter((line) => line !== ''))];
}

function rulesChange(before: Rules, after: Rules): Partial<Rules> | null {
  const change: Partial<Rules> = {
    ...(after.security === before.security ? {} : { security: after.security }),
    ...(after.ask === before.ask ? {} : { ask: after.ask }),
  };
  return Object.keys(change).length === 0 ? null : change;
}

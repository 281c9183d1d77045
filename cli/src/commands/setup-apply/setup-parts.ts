// What a setup of the plan is going to do and send: all that the file says, since a person sees it here for the last time.
import { terminalJson } from '@buoy/contract/visible-text';
import { type PlannedChange, providerOf } from './differences.ts';
import type { SetupPlan } from './plan.ts';
import type { SecretSources } from './secret-sources.ts';
import type { DescribedSetup } from './servers-file.ts';

type Shown = SecretSources['shown'];
/** `field`: as a change names what this part is about. */
type Part = { field?: string; text: string };

/** Changes, and what the file says beyond them. */
export function setupParts(plan: SetupPlan, shown: Shown): Array<PlannedChange | string> {
  switch (plan.kind) {
    case 'start': {
      const fields = new Set(plan.changes.map(({ field }) => field));
      const others = describedParts(plan.setup, shown).filter(
        ({ field }) => field === undefined || !fields.has(field),
      );
      return [...plan.changes, ...others.map(({ text }) => text)];
    }
    case 'unseen':
      return allParts(plan.setup, shown);
    case 'follow': {
      const [first, ...others] = allParts(plan.setup, shown);
      return [
        `task ${plan.task.id} sets it up already`,
        `then, if it is not as described: ${first}`,
        ...others,
      ];
    }
    default:
      return [];
  }
}

function allParts(setup: DescribedSetup, shown: Shown): string[] {
  return [
    `OpenClaw ${setup.openclaw?.version ?? 'latest'}`,
    ...describedParts(setup, shown).map(({ text }) => text),
  ];
}

function describedParts(setup: DescribedSetup, shown: Shown): Part[] {
  const { onboard, node, gateway = {}, channel, sudoPassword, agent } = setup;
  const { apiKey, baseUrl, model, provider, compatibility } = onboard;
  const key = apiKey === undefined ? '' : ` with the key from ${shown(apiKey)}`;
  return [
    ...given(node, ({ version }) => ({ text: `Node ${version}` })),
    { text: `provider ${providerOf(setup)}${key}` },
    ...given(baseUrl, (text) => ({ text: `at ${text}` })),
    ...(provider === 'custom' && compatibility !== 'openai' ? [{ text: `API of ${compatibility}` }] : []),
    ...given(model, (text) => ({ text: `model ${text}` })),
    ...given(gateway.port, (port) => ({ field: 'port', text: `gateway port ${port}` })),
    ...given(gateway.bind, (bind) => ({ field: 'address', text: `gateway address ${bind}` })),
    ...given(channel, ({ account, botToken }) => ({
      text: `bot token${account === 'default' ? '' : ` of ${account}`} from ${shown(botToken)}`,
    })),
    ...given(sudoPassword, (source) => ({ text: `password for sudo from ${shown(source)}` })),
    ...(agent === undefined ? [] : agentParts(agent)),
  ];
}

function agentParts({ id, message, ...fields }: NonNullable<DescribedSetup['agent']>): Part[] {
  return [
    { field: `agent ${id}`, text: `agent ${id}` },
    ...(['name', 'emoji', 'model'] as const).flatMap((name) =>
      given(fields[name], (text) => ({
        field: `${name} of agent ${id}`,
        text: `${name} of agent ${id}: ${text}`,
      })),
    ),
    // At the end and in quotes, whole, with what nobody sees as escapes: it may be any text.
    ...given(message, (text) => ({
      text: `message to agent ${id}: ${terminalJson(text, undefined, 'command')}`,
    })),
  ];
}

function given<T>(value: T | null | undefined, part: (value: T) => Part): Part[] {
  return value === null || value === undefined ? [] : [part(value)];
}

// The settings form of an agent, and the request body for its edits.
import type { Agent, AgentChange } from '@buoy/contract';

/** Empty: the default of all agents; an empty emoji: none. */
export type AgentForm = {
  name: string;
  emoji: string;
  model: string;
  thinking: string;
  sandboxMode: string;
  sandboxScope: string;
  sandboxAccess: string;
  toolsProfile: string;
  heartbeatEvery: string;
  heartbeatTarget: string;
  heartbeatModel: string;
};

/** What an agent has of its own. */
export function formOf(agent: Agent): AgentForm {
  const own = <T>(field: Agent['inherited'][number], value: T): T | null =>
    agent.inherited.includes(field) ? null : value;
  const sandbox = own('sandbox', agent.sandbox);
  const heartbeat = own('heartbeat', agent.heartbeat);
  return {
    name: agent.name,
    emoji: agent.emoji ?? '',
    model: own('model', agent.model) ?? '',
    thinking: own('thinking', agent.thinking) ?? '',
    sandboxMode: sandbox?.mode ?? '',
    sandboxScope: sandbox?.scope ?? '',
    sandboxAccess: sandbox?.workspaceAccess ?? '',
    toolsProfile: own('toolsProfile', agent.toolsProfile) ?? '',
    heartbeatEvery: heartbeat?.every ?? '',
    heartbeatTarget: heartbeat?.target ?? '',
    heartbeatModel: heartbeat?.model ?? '',
  };
}

/** Only what is different; null when nothing is. Blanks around a value are none of it. */
export function changeOf(agent: Agent, form: AgentForm): AgentChange | null {
  const before = formOf(agent);
  const edited = (field: keyof AgentForm): string | null | undefined => {
    const value = form[field].trim();
    if (value === before[field]) return undefined;
    return value === '' ? null : value;
  };
  const name = edited('name');
  const change: AgentChange = {
    // An agent cannot be without a name.
    name: name ?? undefined,
    emoji: edited('emoji'),
    model: edited('model'),
    thinking: edited('thinking'),
    sandbox: group(
      {
        mode: edited('sandboxMode'),
        scope: edited('sandboxScope'),
        workspaceAccess: edited('sandboxAccess'),
      },
      [form.sandboxMode, form.sandboxScope, form.sandboxAccess],
    ),
    toolsProfile: edited('toolsProfile'),
    heartbeat: group(
      {
        every: edited('heartbeatEvery'),
        target: edited('heartbeatTarget'),
        model: edited('heartbeatModel'),
      },
      [form.heartbeatEvery, form.heartbeatTarget, form.heartbeatModel],
    ),
  };
  const said = Object.entries(change).filter(([, value]) => value !== undefined);
  return said.length === 0 ? null : Object.fromEntries(said);
}

/** null, the whole default, when all fields of a group are empty now; undefined when none was edited. */
function group<T extends Record<string, string | null | undefined>>(
  edited: T,
  values: readonly string[],
): T | null | undefined {
  const said = Object.entries(edited).filter(([, value]) => value !== undefined);
  if (said.length === 0) return undefined;
  return values.every((value) => value.trim() === '') ? null : (Object.fromEntries(said) as T);
}

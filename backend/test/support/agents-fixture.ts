// A real OpenClaw whose agents are changed: raw calls, since refusals matter too, and commands on the host.
import type { CommandResult } from '../../../testbed/run-command.ts';
import { type OpenclawFixture, type OpenclawVersion, openclawFixture } from './openclaw-fixture.ts';

/** OpenClaw's folder on a host. */
export const home = '/home/deploy/.openclaw';

export type AgentsFixture = OpenclawFixture & {
  /** Status and body of any answer; `path` is below `/openclaw`. */
  ask(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; answer: Record<string, unknown> }>;
  /** A shell line as the account that runs OpenClaw. */
  onHost(command: string): Promise<CommandResult>;
};

export async function agentsFixture(version: OpenclawVersion): Promise<AgentsFixture> {
  const fixture = await openclawFixture(version);
  const { live, serverId, host } = fixture;
  const ask: AgentsFixture['ask'] = async (method, path, body) => {
    const response = await fetch(`${live.process().url}/api/servers/${serverId}/openclaw${path}`, {
      method,
      headers: {
        authorization: `Bearer ${live.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (response.status === 429) {
      await fixture.freshConnection();
      return ask(method, path, body);
    }
    const text = await response.text();
    return { status: response.status, answer: text === '' ? {} : JSON.parse(text) };
  };
  return { ...fixture, ask, onHost: (command) => host.exec(['sh', '-c', command], { user: 'deploy' }) };
}

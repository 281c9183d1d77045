// Reads where OpenClaw on a server stands, as far as a described setup asks for it.
import type { Agent } from '@buoy/contract';
import type { Client } from '@buoy/contract/client';
import { CommandError } from '../../command.ts';
import { commandLine } from '../../output/command-line.ts';
import { type SetupFacts, setupChanges } from './differences.ts';
import type { DescribedSetup } from './servers-file.ts';

/** @throws ApiError; CommandError for a server that did not answer now, whatever is known of it */
export async function readSetupFacts(api: Client, id: string, setup: DescribedSetup): Promise<SetupFacts> {
  const params = { id };
  const { status, source, observedAt } = await api('GET /servers/:id/openclaw/status', { params });
  if (source === 'snapshot')
    throw new CommandError(
      `The server does not answer; it did last at ${observedAt}.`,
      `Test it: ${commandLine('buoy', 'servers', 'test', id)}`,
      'unreachable',
    );
  const facts: SetupFacts = { status, isFromGateway: source === 'gateway', agents: null, models: null };
  if (!status.installed) return facts;
  const readAgents = async () => (await api('GET /servers/:id/openclaw/agents', { params })).agents;
  if (setupChanges(setup, facts).some(({ field }) => field === 'gateway'))
    // A setup runs in any case; which agent is the default one is worth knowing where the host can tell.
    return { ...facts, agents: setup.agent === undefined ? await readAgents().catch(noAgents) : null };
  return {
    ...facts,
    agents: setup.agent === undefined ? null : await readAgents(),
    models:
      setup.onboard.provider === 'skip' ? null : await api('GET /servers/:id/openclaw/models', { params }),
  };
}

function noAgents(): Agent[] | null {
  return null;
}

// Adds and changes servers in Buoy, one after another: jump servers first, and a person is asked about each unknown host key.
import type { Server } from '@buoy/contract';
import { ApiError, type Client } from '@buoy/contract/client';
import { CommandError, type Context } from '../../command.ts';
import { cleanLine } from '../../output/terminal-text.ts';
import { askForHostKey, PRINT_KEY_HINT } from '../new-host-key.ts';
import { newServerBody, serverChangeBody } from './bodies.ts';
import type { ServerProblem } from './match-servers.ts';
import { problemOf, type ServerPlan } from './plan.ts';
import type { SecretReader } from './secret-sources.ts';

/** `server` is null for one that is not in Buoy; `isNew`: it was added, moved or given another host key just now. */
export type AppliedRecord = {
  plan: ServerPlan;
  server: Server | null;
  isNew: boolean;
  problem: ServerProblem | null;
};

/** In the order of the plans. @throws only after Ctrl-C */
export async function applyRecords(
  context: Context,
  plans: readonly ServerPlan[],
  secrets: SecretReader,
): Promise<AppliedRecord[]> {
  const api = context.api();
  const applied = new Map<string, AppliedRecord>();
  for (const plan of jumpServersFirst(plans)) {
    const untouched = { plan, server: plan.server, isNew: false, problem: plan.problem };
    if (plan.problem !== null) {
      applied.set(plan.described.name, untouched);
      continue;
    }
    try {
      const jumpServerId = jumpIdOf(plan, applied);
      const record = { ...untouched, ...(await applyRecord(context, api, plan, jumpServerId, secrets)) };
      applied.set(plan.described.name, record);
    } catch (error) {
      applied.set(plan.described.name, { ...untouched, problem: problemOf(context, error) });
    }
  }
  return plans.flatMap(({ described }) => applied.get(described.name) ?? []);
}

function jumpServersFirst(plans: readonly ServerPlan[]): ServerPlan[] {
  const jumps = new Map(plans.map(({ described }) => [described.name, described.jump ?? null]));
  const depthOf = (name: string): number => {
    const jump = jumps.get(name) ?? null;
    return jump === null || !jumps.has(jump) ? 0 : 1 + depthOf(jump);
  };
  return plans.toSorted((one, other) => depthOf(one.described.name) - depthOf(other.described.name));
}

/** @throws CommandError when the jump server could not be added */
function jumpIdOf({ jump }: ServerPlan, applied: ReadonlyMap<string, AppliedRecord>): string | null {
  if (jump == null) return null;
  const id = jump.id ?? applied.get(jump.name)?.server?.id;
  if (id !== undefined) return id;
  throw new CommandError(
    `Its jump server ${jump.name} was not added.`,
    'Add that one first, then apply again.',
  );
}

async function applyRecord(
  context: Context,
  api: Client,
  plan: ServerPlan,
  jumpServerId: string | null,
  secrets: SecretReader,
): Promise<Pick<AppliedRecord, 'server' | 'isNew'>> {
  if (plan.server === null) return addServer(context, api, plan, jumpServerId, secrets);
  const { described, changes } = plan;
  let { server } = plan;
  const isKeyChanged = changes.some(({ field }) => field === 'host key');
  if (changes.some(({ field }) => field !== 'host key')) {
    const body = await serverChangeBody(described, changes, jumpServerId, secrets);
    const headers = { 'if-match': `"${server.version}"` };
    server = (await api('PUT /servers/:id', { params: { id: server.id }, body, headers })).server;
  }
  if (isKeyChanged && described.hostKey !== undefined)
    server = await acceptHostKey(api, server, described.hostKey);
  return { server, isNew: changes.some(({ field }) => field !== 'name' && field !== 'tags') };
}

/** Buoy pins the key only if the server shows it now; until then the secret is sent to no other one. */
async function acceptHostKey(api: Client, { id }: Server, fingerprint: string): Promise<Server> {
  try {
    const answer = await api('POST /servers/:id/host-key/accept', { params: { id }, body: { fingerprint } });
    return answer.server;
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'host_key_mismatch') throw error;
    throw new CommandError(`${error.message} The file has the other key.`, PRINT_KEY_HINT, error.code);
  }
}

async function addServer(
  context: Context,
  api: Client,
  { described }: ServerPlan,
  jumpServerId: string | null,
  secrets: SecretReader,
): Promise<Pick<AppliedRecord, 'server' | 'isNew'>> {
  const { auth, name, host, port = 22, hostKey } = described;
  if (auth === undefined) throw new CommandError('The file does not say how to log in.');
  let expected = hostKey;
  if (expected === undefined) {
    context.output.note(`${cleanLine(name)} is new.`);
    const answer = await askForHostKey(context, api, { host, port, jumpServerId }, false);
    if (!answer.isTrusted)
      throw new CommandError(
        'It was not added: its host key is not trusted.',
        `Write hostKey: SHA256:… beside its name. ${PRINT_KEY_HINT}`,
      );
    expected = answer.key.hostKey;
  }
  const body = await newServerBody({ ...described, auth }, jumpServerId, expected, secrets);
  return { server: (await api('POST /servers', { body })).server, isNew: true };
}

// Adds and changes servers in Buoy, one after another: jump servers first, and a person is asked about each unknown host key.
import type { Server } from '@buoy/contract';
import { ApiError, type Client } from '@buoy/contract/client';
import { CommandError, type Context } from '../../command.ts';
import { cleanLine } from '../../output/terminal-text.ts';
import { askForHostKey, PRINT_KEY_HINT } from '../new-host-key.ts';
import { newServerBody, serverChangeBody } from './bodies.ts';
import { isMoved } from './differences.ts';
import type { ServerProblem } from './match-servers.ts';
import { isKeyUnknown, problemOf, type ServerPlan } from './plan.ts';
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
  const isPinned = server.hostKey !== null;
  const newPin = isPinned ? changes.find(({ field }) => field === 'host key')?.to : undefined;
  if (changes.some(({ field }) => field !== 'host key' || !isPinned)) {
    // It comes with the secret: the first test of the new place begins at once.
    const hostKey =
      isMoved(changes) || !isPinned ? await expectedKey(context, api, plan, jumpServerId) : undefined;
    const body = await serverChangeBody(described, changes, { jumpServerId, hostKey }, secrets);
    const headers = { 'if-match': `"${server.version}"` };
    server = (await api('PUT /servers/:id', { params: { id: server.id }, body, headers })).server;
  }
  if (newPin !== undefined) server = await acceptHostKey(api, server, newPin);
  return { server, isNew: changes.some(({ field }) => field !== 'name' && field !== 'tags') };
}

/**
 * The key of the file, or one that the person accepts where nobody knows it; undefined: the one that is pinned, or the first that answers.
 * @throws CommandError when the person rejects it
 */
async function expectedKey(
  context: Context,
  api: Client,
  plan: ServerPlan,
  jumpServerId: string | null,
): Promise<string | undefined> {
  const { described, server } = plan;
  if (!isKeyUnknown(plan)) return described.hostKey;
  const { name, host, port = server?.port ?? 22, jump } = described;
  const jumpOrKept = jump === undefined ? (server?.jumpServerId ?? null) : jumpServerId;
  context.output.note(
    server === null
      ? `${cleanLine(name)} is new.`
      : `${cleanLine(name)} moves, and its host key is not known yet.`,
  );
  const place = { host, port, jumpServerId: jumpOrKept, isStored: server !== null };
  const answer = await askForHostKey(context, api, place, false);
  if (answer.isTrusted) return answer.key.hostKey;
  throw new CommandError(
    `It was not ${server === null ? 'added' : 'changed'}: its host key is not trusted.`,
    `Write hostKey: SHA256:… beside its name. ${PRINT_KEY_HINT}`,
  );
}

/** Replaces a pinned key, if the server shows the new one now; until then the secret is sent to no other one. */
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
  plan: ServerPlan,
  jumpServerId: string | null,
  secrets: SecretReader,
): Promise<Pick<AppliedRecord, 'server' | 'isNew'>> {
  const { described } = plan;
  const { auth } = described;
  if (auth === undefined) throw new CommandError('The file does not say how to log in.');
  const hostKey = await expectedKey(context, api, plan, jumpServerId);
  const body = await newServerBody({ ...described, auth }, jumpServerId, hostKey, secrets);
  return { server: (await api('POST /servers', { body })).server, isNew: true };
}

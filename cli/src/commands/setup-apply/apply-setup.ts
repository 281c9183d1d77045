// Brings OpenClaw on one server to what the file describes, and follows its setup.
import type { Server, Task } from '@buoy/contract';
import { ApiError, type Client } from '@buoy/contract/client';
import { hasEnded, taskTypes } from '@buoy/contract/constants';
import { CommandError, type Context } from '../../command.ts';
import { untilEnded } from '../../follow-task.ts';
import { commandLine } from '../../output/command-line.ts';
import type { ServerProgress } from '../../output/server-progress.ts';
import type { AppliedRecord } from './apply-records.ts';
import { setupBody } from './bodies.ts';
import type { SetupFacts } from './differences.ts';
import type { ServerProblem } from './match-servers.ts';
import { planFrom, problemOf, type SetupPlan } from './plan.ts';
import { readSetupFacts } from './read-setup-facts.ts';
import type { SecretReader } from './secret-sources.ts';
import type { DescribedSetup } from './servers-file.ts';

/** `stopped`: Ctrl-C came first; a task goes on without the command. */
export type ServerOutcome = {
  id: string | null;
  name: string;
  result: 'as_described' | 'added' | 'changed' | 'set_up' | 'failed' | 'stopped';
  taskId: string | null;
  error: ServerProblem | null;
};

const SUDO_HINT = 'In the file: sudoPassword: { env: VARIABLE } in setup.';

type Tools = { context: Context; api: Client; secrets: SecretReader; progress: ServerProgress };

/** What Buoy refuses, and Ctrl-C, is in the outcome. */
export async function applySetup(
  { plan, server, isNew, problem }: AppliedRecord,
  { context, secrets, progress }: Omit<Tools, 'api'>,
): Promise<ServerOutcome> {
  const { name } = plan.described;
  const outcome: ServerOutcome = {
    ...{ id: server?.id ?? null, name, taskId: null, error: null },
    result: plan.server === null ? 'added' : plan.changes.length > 0 ? 'changed' : 'as_described',
  };
  let taskId: string | null = null;
  const onTask = (task: Task) => {
    taskId = task.id;
    if (!hasEnded(task)) progress.show(name, stepText(task));
  };
  try {
    if (problem !== null || server === null) throw new FailedServer(problem);
    const tools = { context, api: context.api(), secrets, progress };
    if (isNew) await expectReachable(tools, name, server);
    const isSetUp = await bringSetup(tools, server, plan.setup, onTask);
    const result = isSetUp ? 'set_up' : outcome.result;
    progress.end(name, resultText(result));
    return { ...outcome, taskId, result };
  } catch (error) {
    if (context.terminal.signal.aborted) return { ...outcome, taskId, result: 'stopped' };
    const failed = error instanceof FailedServer ? error.problem : problemOf(context, error);
    progress.end(name, `failed: ${failed?.error ?? ''}`);
    return { ...outcome, taskId, result: 'failed', error: failed };
  }
}

/** `set up`. */
export function resultText(result: ServerOutcome['result']): string {
  return result.replace('_', ' ');
}

/** Why the file was not applied to a server, as Buoy has said it. */
class FailedServer extends Error {
  readonly problem: ServerProblem | null;
  constructor(problem: ServerProblem | null) {
    super(problem?.error);
    this.problem = problem;
  }
}

/** A setup would wait for a server that is away; a test says at once what is wrong with address, login or key. */
async function expectReachable({ api, progress }: Tools, name: string, { id }: Server): Promise<void> {
  progress.show(name, 'testing the connection');
  const answer = await api('POST /servers/:id/test', { params: { id } });
  if (answer.ok) return;
  const { message, hint, kind } = answer.failure;
  throw new FailedServer({ error: message, hint, code: kind });
}

/** Returns whether a setup ran. */
async function bringSetup(
  tools: Tools,
  server: Server,
  plan: SetupPlan,
  onTask: (task: Task) => void,
): Promise<boolean> {
  if (plan.kind === 'none' || plan.kind === 'as described') return false;
  if (plan.kind === 'start') return runSetup(tools, server, plan, onTask);
  if (plan.kind === 'unseen') return runWhereNeeded(tools, server, plan.setup, onTask);
  await follow(tools, plan.task, onTask);
  await runWhereNeeded(tools, server, plan.setup, onTask);
  return true;
}

/** Reads the server anew, and runs a setup if it is not as described. Returns whether one ran. */
async function runWhereNeeded(
  tools: Tools,
  server: Server,
  setup: DescribedSetup,
  onTask: (task: Task) => void,
): Promise<boolean> {
  const facts = await readSetupFacts(tools.api, server.id, setup);
  const next = planFrom(setup, facts, server).setup;
  return next.kind === 'start' && runSetup(tools, server, next, onTask);
}

async function runSetup(
  tools: Tools,
  server: Server,
  { setup, facts }: { setup: DescribedSetup; facts: SetupFacts },
  onTask: (task: Task) => void,
): Promise<true> {
  const body = await setupBody(setup, facts, tools.secrets);
  await expectSameAddress(tools.api, server);
  const { task, isJoined } = await startOrJoin(tools.api, server.id, body);
  await follow(tools, task, onTask);
  // Somebody else's setup may have made something else of it.
  if (isJoined) await runWhereNeeded(tools, server, setup, onTask);
  return true;
}

/** The plan may have waited long for its answer: keys go only to the place that it has shown. */
async function expectSameAddress(api: Client, planned: Server): Promise<void> {
  const { server } = await api('GET /servers/:id', { params: { id: planned.id } });
  const { host, port, username, jumpServerId, hostKey } = planned;
  if (
    server.host === host &&
    server.port === port &&
    server.username === username &&
    server.jumpServerId === jumpServerId &&
    (hostKey === null || server.hostKey?.fingerprint === hostKey.fingerprint)
  )
    return;
  throw new CommandError(
    'Someone else changed its address, login or host key meanwhile; nothing was sent there.',
    'Apply again, and check the plan.',
    'stale_version',
  );
}

/** The setup that runs on the server: a new one, or one that somebody started meanwhile. */
async function startOrJoin(
  api: Client,
  id: string,
  body: Awaited<ReturnType<typeof setupBody>>,
): Promise<{ task: Task; isJoined: boolean }> {
  try {
    const { task } = await api('POST /servers/:id/setup/run', { params: { id }, body });
    return { task, isJoined: false };
  } catch (error) {
    if (!(error instanceof ApiError) || error.taskId === null) throw error;
    const { task } = await api('GET /tasks/:id', { params: { id: error.taskId } });
    if (task.type !== taskTypes.setup) throw error;
    return { task, isJoined: true };
  }
}

/** @throws CommandError for a task that did not succeed */
async function follow({ context }: Tools, task: Task, onTask: (task: Task) => void): Promise<void> {
  const { status, error, id } = await untilEnded(context, task, { onTask });
  if (status === 'succeeded') return;
  const output = `Its output: ${commandLine('buoy', 'tasks', 'output', id)}`;
  const password = error?.code === 'sudo_refused' ? SUDO_HINT : null;
  throw new CommandError(
    error?.message ?? `Its setup was ${status}.`,
    [error?.hint, password, output].filter(Boolean).join(' '),
    error?.code,
  );
}

/** `Install OpenClaw (3/9)`. */
function stepText({ steps, status }: Task): string {
  const at = steps.findIndex((step) => step.status === 'running' || step.status === 'pending');
  const step = steps[at];
  return step === undefined ? `setup ${status}` : `${step.title} (${at + 1}/${steps.length})`;
}

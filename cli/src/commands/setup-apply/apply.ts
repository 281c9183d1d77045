// `setup apply`: makes several servers as a file describes them.
import { atOnce } from '@buoy/contract/at-once';
import { CommandError, type Context, exitCodes, type Flags, isSet, UsageError } from '../../command.ts';
import { confirm } from '../../confirm.ts';
import { commandLine } from '../../output/command-line.ts';
import { createServerProgress } from '../../output/server-progress.ts';
import { fixedColumn, wrappedColumn } from '../../output/table.ts';
import { cleanLine } from '../../output/terminal-text.ts';
import { PRINT_KEY_HINT } from '../new-host-key.ts';
import { applyRecords } from './apply-records.ts';
import { applySetup, resultText, type ServerOutcome } from './apply-setup.ts';
import { checkSecrets } from './check-secrets.ts';
import { isIdle, isKeyUnknown, MAX_AT_ONCE, planServers, type ServerPlan } from './plan.ts';
import { readServersFile } from './read-servers-file.ts';
import { createSecretSources, type SecretReader } from './secret-sources.ts';
import { countText, planAnswer, showPlan } from './show-plan.ts';

/** Returns the exit code. @throws UsageError, CommandError before anything was done, and after Ctrl-C */
export async function applyFile(
  context: Context & Flags<'dry-run' | 'yes'>,
  file: string,
): Promise<number | undefined> {
  const { output, terminal } = context;
  const { servers, folder } = await readServersFile(context, file);
  const plans = await planServers(context, servers);
  const secrets = createSecretSources(terminal.environment, folder);
  const isDone = plans.every(isIdle);
  const exit = plans.some(({ problem }) => problem !== null) ? exitCodes.failed : undefined;
  if (!output.json || isSet(context, 'dry-run'))
    output.result(planAnswer(plans), () => {
      showPlan(context, plans, secrets);
      output.line(`${countText(plans)}.`);
    });
  if (isSet(context, 'dry-run')) {
    output.note('This is the plan; nothing was done.');
    return exit;
  }
  if (isDone) {
    output.result({ servers: plans.map(idleOutcome) }, () =>
      output.line(exit === undefined ? 'Nothing is to be done.' : 'Nothing was done.'),
    );
    return exit;
  }
  expectHostKeys(context, plans);
  await confirm(context, `Apply this to ${serversText(plans.filter((plan) => !isIdle(plan)).length)}?`);
  // No file is opened before the person has seen which.
  await checkSecrets(plans, secrets);
  const outcomes = await applyPlans(context, plans, secrets);
  showOutcomes(context, outcomes, file);
  return outcomes.every(({ result }) => result !== 'failed') ? undefined : exitCodes.failed;
}

/** @throws UsageError when nobody can be asked whether a host key is the right one */
function expectHostKeys(context: Context & Flags<'yes'>, plans: readonly ServerPlan[]): void {
  if (context.terminal.canAsk && !isSet(context, 'yes')) return;
  const unknown = plans.filter(isKeyUnknown);
  if (unknown.length === 0) return;
  const names = unknown.map(({ described }) => cleanLine(described.name)).join(', ');
  throw new UsageError(
    `The file does not have the host key of ${names}, and ${isSet(context, 'yes') ? 'with --yes' : 'without a terminal'} nobody is asked for it.`,
    `Write hostKey: SHA256:… beside the name. ${PRINT_KEY_HINT}`,
  );
}

async function applyPlans(
  context: Context,
  plans: readonly ServerPlan[],
  secrets: SecretReader,
): Promise<ServerOutcome[]> {
  const { output, terminal } = context;
  const records = await applyRecords(context, plans, secrets);
  const progress = createServerProgress(output, terminal.isErrTty);
  try {
    return await atOnce(records, MAX_AT_ONCE, (record) =>
      isIdle(record.plan)
        ? Promise.resolve(idleOutcome(record.plan))
        : applySetup(record, { context, secrets, progress }),
    );
  } finally {
    progress.stop();
  }
}

function idleOutcome({ described, server, problem }: ServerPlan): ServerOutcome {
  return {
    ...{ id: server?.id ?? null, name: described.name, taskId: null, error: problem },
    result: problem === null ? 'as_described' : 'failed',
  };
}

/** @throws CommandError after Ctrl-C, with what goes on */
function showOutcomes(context: Context, outcomes: readonly ServerOutcome[], file: string): void {
  const { output, terminal } = context;
  if (terminal.signal.aborted) throw stopped(context, outcomes, file);
  output.result({ servers: outcomes }, () => {
    output.table(
      ['SERVER', fixedColumn('RESULT'), wrappedColumn('WHY')],
      outcomes.map(({ name, result, error }) => [
        name,
        resultText(result),
        [error?.error, error?.hint].filter(Boolean).join(' '),
      ]),
    );
    const failed = outcomes.filter(({ result }) => result === 'failed').map(({ name }) => cleanLine(name));
    output.line(
      failed.length === 0
        ? output.colour('green', `Applied to ${serversText(outcomes.length)}.`)
        : output.colour(
            'red',
            `Failed on ${failed.length} of ${serversText(outcomes.length)}: ${failed.join(', ')}.`,
          ),
    );
  });
}

function serversText(count: number): string {
  return count === 1 ? '1 server' : `${count} servers`;
}

function stopped({ output }: Context, outcomes: readonly ServerOutcome[], file: string): CommandError {
  const going = outcomes.filter(({ result, taskId }) => result === 'stopped' && taskId !== null);
  for (const { name, taskId } of going)
    output.note(`${cleanLine(name)}: ${commandLine('buoy', 'tasks', 'watch', taskId ?? '')}`);
  return new CommandError(
    going.length === 0 ? 'Stopped.' : 'Stopped watching; these setups continue.',
    `Go on with the file: ${commandLine('buoy', 'setup', 'apply', '-f', file)}`,
  );
}

// Why a gateway did not start: the cause from its journal as a sentence, the last lines as output.

import { AppError } from '../../lib/app-error.ts';
import { isoTime } from '../../lib/clock.ts';
import { retryWhileUnreachable } from '../../tasks/retry-while-unreachable.ts';
import { serverOf } from '../../tasks/task-kind.ts';
import { explainFailure, FAILURE_LINES } from '../host/explain-failure.ts';
import type { ServiceFacts } from '../host/installation.ts';
import type { ServiceContext, ServiceTools } from './parts.ts';

/** Lines of the journal that are shown. */
const LINES_SHOWN = 30;
/** Milliseconds for reading the journal of a server that may be unreachable for a moment. */
const JOURNAL_MS = 60_000;

/**
 * The error for a gateway that did not start. Its journal goes to the step's output.
 * @param sinceMs where the journal is read from: milliseconds since the epoch by the server's own clock
 * @param otherwise the sentence when the journal names no cause
 */
export async function gatewayDidNotStart(
  { installations, clock }: Pick<ServiceTools, 'installations' | 'clock'>,
  context: ServiceContext,
  sinceMs: number,
  otherwise: string,
): Promise<AppError> {
  const serverId = serverOf(context);
  const { output, signal } = context;
  const lines = await retryWhileUnreachable(clock, { deadlineMs: JOURNAL_MS, signal }, (limits) =>
    installations.journal(serverId, { ...limits, lines: FAILURE_LINES, sinceIso: isoTime(sinceMs) }),
  ).catch(() => []);
  const { lines: clean, cause } = await explainFailure(installations, serverId, lines, { signal });
  if (clean.length > 0) output(`\nThe gateway's log:\n${clean.slice(-LINES_SHOWN).join('\n')}\n`);
  return new AppError('refused', cause === null ? otherwise : `The gateway did not start: ${cause}`, {
    hint: cause === null ? 'Check its log in the output.' : 'Fix that on the server, then try again.',
  });
}

/** The problem of a unit that should be starting; null while it may still come up. */
export function failedStart(service: ServiceFacts, restartsBefore: number): string | null {
  const { activeState, result, restarts, startLimitHit } = service;
  if (startLimitHit)
    return 'The gateway did not start: it exited immediately each time until the service manager stopped restarting it.';
  if (activeState === 'failed')
    return result === 'oom-kill'
      ? 'The gateway did not start: the server ran out of memory.'
      : 'The gateway exited right after its start.';
  if (activeState === 'inactive') return 'The gateway was stopped while it was starting.';
  // One crash may be an accident, such as a port that was not free yet; the second is a pattern.
  if (restarts !== null && restarts - restartsBefore >= 2) return 'The gateway keeps crashing.';
  return null;
}

// Why a gateway did not start: the cause from its journal as a sentence, the last lines as output.

import { AppError } from '../../lib/app-error.ts';
import { isoTime } from '../../lib/clock.ts';
import { redactText } from '../../lib/redact.ts';
import { createTextSearch } from '../../lib/text-search.ts';
import { retryWhileUnreachable } from '../../tasks/retry-while-unreachable.ts';
import { serverOf } from '../../tasks/task-kind.ts';
import { causeFromJournal } from '../host/cause.ts';
import type { ServiceFacts } from '../host/installation.ts';
import type { ServiceContext, ServiceTools } from './parts.ts';

/** Lines of the journal that are searched, and that are shown. */
const LINES_READ = 200;
const LINES_SHOWN = 30;
/** Milliseconds for reading the journal of a server that may be unreachable for a moment. */
const JOURNAL_MS = 60_000;
const MAX_CAUSE_LENGTH = 300;
/** A shorter secret of the gateway would occur in ordinary words. */
const MIN_SECRET = 6;

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
    installations.journal(serverId, { ...limits, lines: LINES_READ, sinceIso: isoTime(sinceMs) }),
  ).catch(() => []);
  const secret = await installations
    .access(serverId, { deadlineMs: 5_000, signal })
    .then(({ auth }) => (auth === null ? null : 'token' in auth ? auth.token : auth.password))
    .catch(() => null);
  const own = secret !== null && secret.length >= MIN_SECRET ? createTextSearch(secret) : null;
  const clean = lines.map((line) => withoutSecrets(own?.replacedIn(line, '[redacted]') ?? line));
  if (clean.length > 0) output(`\nThe gateway's log:\n${clean.slice(-LINES_SHOWN).join('\n')}\n`);
  const cause = causeFromJournal(clean);
  return new AppError(
    'refused',
    cause === null ? otherwise : `The gateway did not start: ${oneSentence(cause)}`,
    {
      hint: cause === null ? 'Check its log in the output.' : 'Fix that on the server, then try again.',
    },
  );
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

/** Masks secrets that a gateway may have logged, by their shapes: those of any text, and what stands behind a word for a secret without any sign. */
function withoutSecrets(line: string): string {
  return redactText(line)
    .replace(/\b(sk|pk|xai|ghp|gho|xox[abp])[-_][A-Za-z0-9_-]{8,}/g, '[redacted]')
    .replace(
      /\b(bearer|token|password|api[_-]?key|secret)(["']?\s*[=:]\s*["']?|\s+)[A-Za-z0-9+/_=.-]{16,}/gi,
      '$1$2[redacted]',
    );
}

function oneSentence(cause: string): string {
  const line = cause.replace(/\s+/g, ' ').trim();
  const short = line.length <= MAX_CAUSE_LENGTH ? line : `${line.slice(0, MAX_CAUSE_LENGTH - 1)}…`;
  return /[.!?…]$/.test(short) ? short : `${short}.`;
}

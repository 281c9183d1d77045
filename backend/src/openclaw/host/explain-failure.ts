// Why a gateway ended or did not start, from the lines of its log, and those lines without the secrets that it may have logged.
import { redactText } from '../../lib/redact.ts';
import { createTextSearch } from '../../lib/text-search.ts';
import type { CallOptions } from '../../ssh/ssh.ts';
import { blockInJournal, causeFromJournal, lastOwnLine } from './cause.ts';
import type { GatewayFailure, Installations } from './installation.ts';

/** Lines of the log in which a cause is searched. */
export const FAILURE_LINES = 200;
/** Milliseconds to learn the gateway's own secret, which a log may show in any form. */
const SECRET_MS = 5_000;
const MAX_CAUSE_LENGTH = 300;
/** A shorter secret of the gateway would occur in ordinary words. */
const MIN_SECRET = 6;

/**
 * @param isRunning it goes on running: only what keeps it from starting counts
 * @param lines as `Installations.journal` gives them
 * @returns with the same lines, without secrets. Never throws.
 */
export async function explainFailure(
  installations: Pick<Installations, 'access'>,
  serverId: string,
  lines: readonly string[],
  { isRunning = false, signal }: Pick<CallOptions, 'signal'> & { isRunning?: boolean } = {},
): Promise<GatewayFailure & { lines: string[] }> {
  const secret = await installations
    .access(serverId, { deadlineMs: SECRET_MS, signal })
    .then(({ auth }) => (auth === null ? null : 'token' in auth ? auth.token : auth.password))
    .catch(() => null);
  const own = secret !== null && secret.length >= MIN_SECRET ? createTextSearch(secret) : null;
  const clean = lines.map((line) => withoutSecrets(own?.replacedIn(line, '[redacted]') ?? line));
  const cause = isRunning ? blockInJournal(clean) : causeFromJournal(clean);
  return { cause: cause === null ? null : oneSentence(cause), lastLine: lastOwnLine(clean), lines: clean };
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

// Errors of model providers: critical when no model answered, a warning for a burst of the same error from one provider.
import type { ModelError } from '../openclaw/logs/model-errors.ts';
import { type Condition, condition } from './condition.ts';

/** Errors of one kind from one provider that are more than an accident. */
const BURST = 3;
/** Bursts of one server that get an alert each: people have a few providers. */
const MAX_BURSTS = 20;

type ErrorClass = 'auth' | 'limit' | 'fault';

const advice: Record<ErrorClass, string> = {
  auth: 'Check the key of this provider.',
  limit: 'Wait, raise the limit at the provider, or add a fallback model.',
  fault: 'Wait until the provider works again, or add a fallback model.',
};

/** @param errors of the last 10 minutes, oldest first */
export function apiErrorConditions(errors: readonly ModelError[]): Condition[] {
  return [...noAnswerCondition(errors), ...burstConditions(errors)];
}

function noAnswerCondition(errors: readonly ModelError[]): Condition[] {
  const failures = errors.filter(({ isLastModel }) => isLastModel);
  const last = failures.at(-1);
  if (last === undefined) return [];
  const kind = classOf(last.status);
  const cause = [
    `No model answered. The last error: ${last.text}`,
    kind === null ? null : advice[kind],
  ].filter((sentence) => sentence !== null);
  const evidence = [
    `Turns without an answer: ${failures.length}`,
    last.provider === null ? null : `Provider: ${last.provider}`,
    `Last: ${last.at}`,
  ].filter((line) => line !== null);
  return [condition('api_errors', 'critical', cause.join(' '), evidence.join('\n'))];
}

function burstConditions(errors: readonly ModelError[]): Condition[] {
  const bursts = new Map<string, { provider: string; kind: ErrorClass; errors: ModelError[] }>();
  for (const error of errors) {
    const kind = classOf(error.status);
    if (error.isLastModel || error.provider === null || kind === null) continue;
    const subject = `${kind}/${error.provider}`;
    const burst = bursts.get(subject) ?? { provider: error.provider, kind, errors: [] };
    burst.errors.push(error);
    bursts.set(subject, burst);
  }
  return [...bursts]
    .filter(([, burst]) => burst.errors.length >= BURST)
    .sort(([, one], [, other]) => other.errors.length - one.errors.length)
    .slice(0, MAX_BURSTS)
    .map(([subject, { provider, kind, errors: all }]) => {
      const last = all.at(-1)!;
      const cause = `The provider "${provider}" answered ${all.length} times with HTTP ${last.status} within 10 minutes. ${advice[kind]}`;
      return condition('api_errors', 'warning', cause, `Last error: ${last.text}\nAt: ${last.at}`, subject);
    });
}

function classOf(status: number | null): ErrorClass | null {
  if (status === 401 || status === 403) return 'auth';
  if (status === 429) return 'limit';
  return status !== null && status >= 500 && status <= 599 ? 'fault' : null;
}

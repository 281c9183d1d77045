// Maps the ways in which a model fails to the few that a person can act on, each with a message.
import type { ModelCheck, ModelCheckStatus } from '@buoy/contract';
import { redactText } from '../../lib/redact.ts';

export type ModelCheckResult = {
  status: ModelCheckStatus;
  provider: string | null;
  model: string | null;
  latencyMs: number | null;
  /** What OpenClaw or the provider said. */
  words: string | null;
};

/** Characters of a provider's own words that are shown. */
const MAX_WORDS = 300;

const sentences: Record<ModelCheckStatus, string> = {
  ok: 'The model answers.',
  no_model: 'No model is set up for this provider.',
  auth: 'The provider refuses the key: set a valid one.',
  billing: 'The provider refuses because of billing: check the account there.',
  rate_limit: 'The provider is overloaded or limits this account: try again later.',
  timeout: 'The provider did not answer in time: check its address and the network of the server.',
  format: 'The provider does not accept the request: check the name of the model and the kind of API.',
  failed: 'The model does not answer.',
};

export function outcomeOf({ words, ...result }: ModelCheckResult): ModelCheck {
  const ok = result.status === 'ok';
  const said = ok || words === null ? '' : shortened(words);
  return {
    ok,
    ...result,
    detail: [sentences[result.status], said].filter(Boolean).join(' '),
  };
}

/** The status of `models.probe` (OpenClaw 2026.9.6). */
export function statusOfProbe(status: string): ModelCheckStatus {
  return Object.hasOwn(sentences, status) ? (status as ModelCheckStatus) : 'failed';
}

/** Most telling first; the wording is that of the providers, passed on by OpenClaw 2026.7.35. */
const patterns: ReadonlyArray<[RegExp, ModelCheckStatus]> = [
  [/\b(402|billing|quota|credit balance|insufficient (funds|balance|credits?))\b/i, 'billing'],
  [/\b(429|529|rate.?limit\w*|overloaded|too many requests)\b/i, 'rate_limit'],
  [/\b(401|403|unauthorized|authentication|permission denied|invalid.{0,20}key|no api key)\b/i, 'auth'],
  [/\b(unknown model|no model|model.{0,40}(not found|does not exist))\b/i, 'no_model'],
  [/\b(timed? ?out|timeout|ETIMEDOUT)\b/i, 'timeout'],
  [/\b(400|404|422|bad request|invalid request)\b/i, 'format'],
];

/** @param error what `agent.wait` says of a turn that failed */
export function statusOfTurn(ended: 'ok' | 'error' | 'timeout', error: string | null): ModelCheckStatus {
  if (ended !== 'error') return ended;
  return patterns.find(([pattern]) => pattern.test(error ?? ''))?.[1] ?? 'failed';
}

function shortened(words: string): string {
  const line = redactText(words).replace(/\s+/g, ' ').trim();
  return line.length <= MAX_WORDS ? line : `${line.slice(0, MAX_WORDS - 1).toWellFormed()}…`;
}

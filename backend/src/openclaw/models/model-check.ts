// Tests that a model answers through a gateway. No status shows that, and it costs a real completion, so only on request.
import type { ModelCheck } from '@buoy/contract';
import { z } from 'zod';
import { isAppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Gateways } from '../gateway/gateways.ts';
import { cutText, figure, firstOf, nameText } from '../reads/bounded.ts';
import { type ModelCheckResult, outcomeOf, statusOfProbe, statusOfTurn } from './check-outcome.ts';
import { takeTurn } from './check-turn.ts';

/** Milliseconds for the provider to answer; OpenClaw's own limit is 60 s. */
const PROVIDER_MS = 30_000;
/** Milliseconds for the whole probe: the first one loads what a turn needs, measured 3 to 17 s (OpenClaw 2026.9.6). */
const PROBE_MS = 60_000;
/** UTF-16 units of the words of a provider. */
const MAX_SAID = 10_000;
/** Milliseconds for one small question to the gateway. */
const ASK_MS = 10_000;

/** `sessions.list` has the default model in both versions; `config.get` would need the rules by which it is chosen. */
const defaults = z.looseObject({
  defaults: z
    .looseObject({ modelProvider: z.string().nullish().catch(null), model: z.string().nullish().catch(null) })
    .catch({}),
});
const probe = z.looseObject({
  status: z.string(),
  latencyMs: figure,
  error: cutText(MAX_SAID).nullish().catch(null),
  results: firstOf(
    z.looseObject({
      label: nameText.catch(''),
      status: z.string().catch(''),
      error: cutText(MAX_SAID).nullish().catch(null),
    }),
    100,
  ).catch([]),
});

/** Throws AppError when the gateway cannot be asked; a failing model is a result, not an error. */
export type CheckModel = (
  serverId: string,
  input: { provider?: string | undefined },
  options: { signal: AbortSignal },
) => Promise<ModelCheck>;

/** Asks by `models.probe`; 2026.7.35 does not have it, there it is a turn in a session of its own that is deleted after. */
export function createModelCheck(parts: {
  gateways: Pick<Gateways, 'call'>;
  clock: Clock;
  logger: Logger;
}): CheckModel {
  const { gateways } = parts;

  return async (serverId, input, { signal }) => {
    const listed = await gateways.call(serverId, 'sessions.list', { limit: 1 }, defaults, {
      deadlineMs: ASK_MS,
      signal,
    });
    const { modelProvider, model } = listed.defaults;
    const provider = input.provider ?? modelProvider ?? null;
    if (provider === null)
      return outcomeOf({ status: 'no_model', provider, model: null, latencyMs: null, words: null });
    const usual = provider === modelProvider ? (model ?? null) : null;
    try {
      return outcomeOf(await askProbe(serverId, provider, usual, signal));
    } catch (error) {
      if (!isAppError(error, 'unsupported')) throw error;
    }
    const { error, ...turn } = await takeTurn(parts, serverId, {
      provider,
      isDefault: provider === modelProvider,
      answerMs: PROVIDER_MS,
      signal,
    });
    return outcomeOf({
      provider,
      model: turn.model ?? usual,
      latencyMs: turn.latencyMs,
      status: statusOfTurn(turn.ended, error),
      words: error,
    });
  };

  async function askProbe(
    serverId: string,
    provider: string,
    usual: string | null,
    signal: AbortSignal,
  ): Promise<ModelCheckResult> {
    const { status, latencyMs, error, results } = await gateways.call(
      serverId,
      'models.probe',
      { provider, timeoutMs: PROVIDER_MS },
      probe,
      { deadlineMs: PROBE_MS, signal },
    );
    const told = results.find((result) => result.status === status);
    return {
      provider,
      // "Configured credential · fake/fake-1": only this text names the tested model.
      model: / · ([^\s·]+)$/.exec(told?.label ?? '')?.[1]?.replace(`${provider}/`, '') ?? usual,
      latencyMs: latencyMs == null ? null : Math.round(latencyMs),
      status: results.length === 0 && status !== 'ok' ? 'no_model' : statusOfProbe(status),
      words: told?.error ?? error ?? null,
    };
  }
}

// One turn of an agent in a temporary session: the only completion that OpenClaw 2026.7.35 offers.
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { isAppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { CHANGE_MS } from '../gateway/deadlines.ts';
import type { Gateways } from '../gateway/gateways.ts';
import { cutText, firstOf, nameText, wordText } from '../reads/bounded.ts';

export type Turn = {
  ended: 'ok' | 'error' | 'timeout';
  /** The model that was chosen for it; null: the agent's own. */
  model: string | null;
  latencyMs: number | null;
  error: string | null;
};

const QUESTION = 'Reply with OK. Do not use tools.';
/** Milliseconds on top of the turn for the answer to `agent.wait` itself. */
const WAIT_MARGIN_MS = 5_000;
/** Milliseconds between two attempts to delete a session whose turn is still being ended. */
const DELETE_AGAIN_MS = 2_000;
const MAX_DELETE_ATTEMPTS = 3;

const agentsList = z.looseObject({ defaultId: nameText });
const modelsList = z.looseObject({
  models: firstOf(z.looseObject({ id: nameText, provider: nameText }), 2_000).catch([]),
});
const created = z.looseObject({ key: nameText });
const accepted = z.looseObject({ runId: nameText });
const waited = z.looseObject({
  status: wordText,
  error: cutText(10_000).nullish().catch(null),
  stopReason: nameText.nullish().catch(null),
});

/**
 * Takes the turn with the default agent. Throws AppError when the gateway refuses it or cannot be asked.
 * @param options.isDefault whether `provider` is that of the agent's own model
 * @param options.answerMs milliseconds for the provider
 */
export async function takeTurn(
  { gateways, clock, logger }: { gateways: Pick<Gateways, 'call'>; clock: Clock; logger: Logger },
  serverId: string,
  {
    provider,
    isDefault,
    answerMs,
    signal,
  }: { provider: string; isDefault: boolean; answerMs: number; signal: AbortSignal },
): Promise<Turn> {
  const limits = { deadlineMs: CHANGE_MS, signal };
  const model = isDefault ? null : await firstModelOf();
  if (model === undefined)
    return { ended: 'error', model: null, latencyMs: null, error: 'No model is configured for it.' };
  const { defaultId } = await gateways.call(serverId, 'agents.list', {}, agentsList, limits);
  const name = `check-${randomUUID()}`;
  const { key } = await gateways.call(
    serverId,
    'sessions.create',
    {
      agentId: defaultId,
      key: `agent:${defaultId}:buoy-${name}`,
      ...(model === null ? {} : { model: `${provider}/${model}` }),
    },
    created,
    limits,
  );
  try {
    const startedAt = clock.now();
    const { runId } = await gateways.call(
      serverId,
      'agent',
      { message: QUESTION, agentId: defaultId, sessionKey: key, idempotencyKey: name, deliver: false },
      accepted,
      limits,
    );
    const { status, error, stopReason } = await gateways.call(
      serverId,
      'agent.wait',
      { runId, timeoutMs: answerMs },
      waited,
      { deadlineMs: answerMs + WAIT_MARGIN_MS, signal },
    );
    const ended =
      status === 'timeout' ? 'timeout' : status === 'ok' && stopReason !== 'error' ? 'ok' : 'error';
    return { ended, model, latencyMs: clock.now() - startedAt, error: error ?? null };
  } finally {
    await remove(key);
  }

  async function firstModelOf(): Promise<string | undefined> {
    const { models } = await gateways.call(
      serverId,
      'models.list',
      { view: 'configured' },
      modelsList,
      limits,
    );
    return models.find((one) => one.provider === provider)?.id;
  }

  /** Also when the caller has left: the session of the check must not remain. */
  async function remove(key: string): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await gateways.call(serverId, 'sessions.delete', { key, deleteTranscript: true }, z.looseObject({}), {
          deadlineMs: CHANGE_MS,
        });
        return;
      } catch (error) {
        if (attempt === MAX_DELETE_ATTEMPTS || !isAppError(error, 'gateway_unavailable', 'refused')) {
          logger.warn({ serverId, key, err: error }, 'could not delete the session of a model check');
          return;
        }
      }
      await new Promise<void>((resolve) => clock.after(DELETE_AGAIN_MS, resolve));
    }
  }
}

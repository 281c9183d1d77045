// The step that connects the gateway to a chat bot, where one was chosen.
import type { ChannelSetup } from '@buoy/contract';
import { isAppError } from '../lib/app-error.ts';
import type { Clock } from '../lib/clock.ts';
import { pause } from '../lib/pause.ts';
import type { Openclaw } from '../openclaw/openclaw.ts';
import { reachServer } from '../tasks/retry-while-unreachable.ts';
import { serverOf, skipped, type TaskStepKind, taskStep } from '../tasks/task-kind.ts';
import { requiredSecret } from '../tasks/task-secrets.ts';

/** The token of the bot, among the secrets of a task. */
export const BOT_TOKEN = 'botToken';

/** Milliseconds between two attempts while a gateway that has just become ready is too busy to answer. */
const PAUSE_MS = 2_000;

/**
 * Result: the connected channel, or null.
 * @param limits.by whom the history of the config names
 * @param limits.settleMs milliseconds for a gateway that has just become ready to answer calls
 */
export function createConnectChannelStep<Input>(
  { connectTelegram, clock }: { connectTelegram: Openclaw['connectTelegram']; clock: Clock },
  { by, deadlineMs, settleMs }: { by: string; deadlineMs: number; settleMs: number },
  of: (input: Input) => Omit<ChannelSetup, 'botToken'> | undefined,
): TaskStepKind {
  return taskStep<Input>({
    id: 'channel',
    title: 'Connect a chat channel',
    deadlineMs,
    async run(context) {
      const channel = of(context.input);
      if (channel === undefined) return skipped('No channel was chosen.', null);
      const endsAtMs = clock.now() + settleMs;
      for (;;) {
        try {
          const connected = await reachServer(context, deadlineMs, async ({ signal }) => {
            const botToken = async () => {
              await context.expectAllowed();
              return requiredSecret(await context.secrets(), BOT_TOKEN, 'the token of the bot');
            };
            return connectTelegram(serverOf(context), { botToken, account: channel.account }, { by, signal });
          });
          if (connected.state !== 'connected')
            context.output(`The bot is not connected yet: ${connected.state}.\n`);
          return connected;
        } catch (error) {
          const isBusy = isAppError(error, 'gateway_unavailable', 'deadline');
          if (!isBusy || context.signal.aborted || clock.now() >= endsAtMs) throw error;
        }
        await pause(clock, PAUSE_MS, context.signal);
      }
    },
  });
}

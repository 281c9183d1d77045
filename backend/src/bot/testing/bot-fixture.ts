// A bot over the fake Bot API, with scripted answers of Buoy's API and a FakeClock.
import { type FakeBotApiServer, startFakeBotApiServer } from '../../../../testbed/fake-bot-api-server.ts';
import { BOT_TOKEN } from '../../../../testbed/forge-init-data.ts';
import { within } from '../../../../testbed/until.ts';
import { createFakeClock, type FakeClock } from '../../lib/testing/fake-clock.ts';
import { createRecordingLogger } from '../../lib/testing/recording-logger.ts';
import { type RunningBot, startBot } from '../bot.ts';
import { type ApiAnswers, createScriptedApi } from './scripted-api.ts';

const SOON_MS = 10_000;

export type BotFixture = {
  telegram: FakeBotApiServer;
  clock: FakeClock;
  answers: ApiAnswers;
  api: ReturnType<typeof createScriptedApi>;
  /** Ids in Telegram that do not belong to anybody in Buoy. */
  strangers: Set<string>;
  /** Ids of the updates that were stored, one for each time. */
  stored: number[];
  /** What `advance` answers. */
  isOurs: boolean;
  opened: string[];
  log(): string;
  start(): void;
  /** Starts it, and waits until it has read what waited. */
  ready(): Promise<void>;
  /** Until the bot has called that method `count` times; its parameters. */
  sent(method: string, count?: number): Promise<Array<Record<string, unknown>>>;
  close(): Promise<void>;
};

export async function createBotFixture(): Promise<BotFixture> {
  const telegram = await startFakeBotApiServer();
  const clock = createFakeClock(Date.now());
  const { logger, text } = createRecordingLogger();
  const answers: ApiAnswers = {};
  const api = createScriptedApi(answers);
  let bot: RunningBot | undefined;
  const of = (method: string) =>
    telegram.calls.filter((call) => call.method === method).map(({ params }) => params);

  const fixture: BotFixture = {
    ...{ telegram, clock, answers, api },
    ...{ strangers: new Set(), stored: [], isOurs: true, opened: [], log: text },
    start() {
      bot = startBot({
        ...{ botToken: BOT_TOKEN, apiRoot: telegram.url, appUrl: null, clock, logger },
        clientAs: (_userId, work) => work(api.api),
        channels: {
          openPrivateChat: async ({ id }) => void fixture.opened.push(id),
          blockPrivateChat: async () => undefined,
        },
        leases: {
          hold(_name, work) {
            const ending = new AbortController();
            const working = work(ending.signal);
            return {
              async close() {
                ending.abort();
                await working;
              },
            };
          },
        },
        positions: {
          last: async () => fixture.stored.at(-1) ?? null,
          async advance(_botId, updateId) {
            fixture.stored.push(updateId);
            return fixture.isOurs;
          },
        },
        isAdmitted: async (userId) => !fixture.strangers.has(userId),
      });
    },
    async ready() {
      fixture.start();
      await within(SOON_MS, async () => telegram.isPolled(BOT_TOKEN));
    },
    async sent(method, count = 1) {
      await within(SOON_MS, async () => of(method).length >= count);
      return of(method);
    },
    async close() {
      await bot?.close();
      await telegram.stop();
    },
  };
  return fixture;
}

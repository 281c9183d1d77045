// Repair by buttons: shows what each step runs, runs the one that is pressed, and tells how it ended.
import { hasEnded, type RepairStepId, type Task } from '@buoy/contract';
import { ApiError, type Client } from '@buoy/contract/client';
import { visibleText } from '@buoy/contract/visible-text';
import type { Clock } from '../lib/clock.ts';
import { pause } from '../lib/pause.ts';
import { buttonData } from '../telegram/buttons.ts';
import { escapeHtml } from '../telegram/html.ts';
import { type Reader, shown } from './answers.ts';
import { botTexts } from './bot-texts.ts';

/** Milliseconds between two looks at the task, and until the message is left as it is. */
const POLL_MS = 5_000;
const WAIT_MS = 20 * 60_000;

type Button = { text: string; callback_data: string };
export type RepairMessage = { html: string; buttons: Button[][] };

/** What can be done, with a button for each step. Throws ApiError for whoever may not do it. */
export async function repairMessage({ api, language }: Reader, serverId: string): Promise<RepairMessage> {
  const texts = botTexts[language];
  const [{ steps }, { server }] = await Promise.all([
    api('GET /servers/:id/openclaw/repair', { params: { id: serverId } }),
    api('GET /servers/:id', { params: { id: serverId } }),
  ]);
  const parts = steps.map(({ id, runs }) => {
    const commands = escapeHtml(visibleText(runs.join('\n'), 'command'));
    return `${texts.steps[id]}\n<pre>${commands}</pre>`;
  });
  return {
    html: [shown(texts.repairOf(server.name), 'b'), ...parts].join('\n'),
    buttons: steps.map(({ id }) => [buttonOf(id, serverId, texts.run[id])]),
  };
}

/** @param key the same for a press that Telegram tells twice: the step runs once */
export async function runRepair(
  api: Client,
  { serverId, step, key }: { serverId: string; step: RepairStepId; key: string },
): Promise<Task> {
  const { task } = await api('POST /servers/:id/openclaw/repair', {
    params: { id: serverId },
    body: { step },
    headers: { 'idempotency-key': key },
  });
  return task;
}

/** The task when it has ended; null: it is still at work. */
export async function untilRepaired(
  api: Client,
  id: string,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<Task | null> {
  const endsAt = clock.now() + WAIT_MS;
  while (clock.now() < endsAt) {
    const task = await taskNow(api, id);
    if (task !== null && hasEnded(task)) return task;
    await pause(clock, POLL_MS, signal);
    signal.throwIfAborted();
  }
  return null;
}

/** null: the API does not tell it at the moment, for that person or for anybody. */
async function taskNow(api: Client, id: string): Promise<Task | null> {
  try {
    return (await api('GET /tasks/:id', { params: { id } })).task;
  } catch (error) {
    if (error instanceof ApiError && (error.status === 429 || error.status >= 500)) return null;
    throw error;
  }
}

/** How the step ended. One that did not help offers the next one. */
export function outcomeMessage(
  { language, serverId, step }: { language: Reader['language']; serverId: string; step: RepairStepId },
  task: Task,
): RepairMessage {
  const texts = botTexts[language];
  if (task.status === 'succeeded') return { html: `✅ ${texts.repaired}`, buttons: [] };
  const why = [task.error?.message, task.error?.hint].filter((one) => one != null).map((one) => shown(one));
  return {
    html: [`❌ ${texts.notRepaired}`, ...why].join('\n'),
    buttons: step === 'restart' ? [[buttonOf('doctor', serverId, texts.run.doctor)]] : [],
  };
}

function buttonOf(step: RepairStepId, serverId: string, text: string): Button {
  return { text, callback_data: buttonData(['run', serverId, step]) };
}

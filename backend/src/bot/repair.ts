// Repair by buttons: shows what each step runs, runs the one that is pressed, and tells how it ended.
import { type ConfigChange, hasEnded, type RepairStep, type RepairStepId, type Task } from '@buoy/contract';
import { ApiError, type Client } from '@buoy/contract/client';
import { visibleText } from '@buoy/contract/visible-text';
import type { Clock } from '../lib/clock.ts';
import { pause } from '../lib/pause.ts';
import type { Language } from '../notify/sender.ts';
import { buttonData } from '../telegram/buttons.ts';
import { escapeHtml } from '../telegram/html.ts';
import { type Reader, shown } from './answers.ts';
import { botTexts } from './bot-texts.ts';

/** Milliseconds between two looks at the task, and until the message is left as it is. */
const POLL_MS = 5_000;
const WAIT_MS = 20 * 60_000;

type Button = { text: string; callback_data: string };
export type RepairMessage = { html: string; buttons: Button[][] };

/** UTF-16 units of the commands of a step, and of a value of the config. A step with longer commands runs in the app, which shows all of them. */
const MAX_COMMANDS = 600;
const MAX_VALUE = 60;
/** Changes of the config that a message names. */
const MAX_CHANGES = 6;

/** What can be done, with a button for each step. Throws ApiError for whoever may not do it. */
export async function repairMessage({ api, language }: Reader, serverId: string): Promise<RepairMessage> {
  const texts = botTexts[language];
  const [{ steps, suggested, reason }, { server }] = await Promise.all([
    api('GET /servers/:id/openclaw/repair', { params: { id: serverId } }),
    api('GET /servers/:id', { params: { id: serverId } }),
  ]);
  const parts = steps.map((step) =>
    step.unavailable === null
      ? stepHtml(step, language, step.id === suggested)
      : `${texts.steps[step.id]}: ${shown(step.unavailable)}`,
  );
  return {
    html: [shown(texts.repairOf(server.name), 'b'), shown(reason), ...parts].join('\n'),
    buttons: buttonsOf(steps, serverId, language),
  };
}

/** @param key the same for a press that Telegram tells twice: the step runs once */
export async function runRepair(
  api: Client,
  {
    serverId,
    step,
    choice,
    key,
  }: { serverId: string; step: RepairStepId; choice: string | undefined; key: string },
): Promise<Task> {
  const { task } = await api('POST /servers/:id/openclaw/repair', {
    params: { id: serverId },
    body: { step, ...(choice === undefined ? {} : { choice }) },
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

/** How the step ended. One that did not help shows the next one, with what it would run. */
export async function outcomeMessage(reader: Reader, serverId: string, task: Task): Promise<RepairMessage> {
  const { api, language } = reader;
  const texts = botTexts[language];
  if (task.status === 'succeeded') return { html: `✅ ${texts.repaired}`, buttons: [] };
  const why = [task.error?.message, task.error?.hint].filter((one) => one != null).map((one) => shown(one));
  const head = [`❌ ${texts.notRepaired}`, ...why];
  const all = [{ text: texts.allSteps, callback_data: buttonData(['repair', serverId]) }];
  try {
    const { steps, suggested } = await api('GET /servers/:id/openclaw/repair', { params: { id: serverId } });
    const next = steps.find(({ id }) => id === suggested);
    if (next === undefined) return { html: head.join('\n'), buttons: [all] };
    return {
      html: [...head, shown(texts.nextStep, 'b'), stepHtml(next, language, false)].join('\n'),
      buttons: [...buttonsOf([next], serverId, language), all],
    };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { html: head.join('\n'), buttons: [all] };
  }
}

function stepHtml(
  { id, runs, changes, tried }: RepairStep,
  language: Language,
  isSuggested: boolean,
): string {
  const texts = botTexts[language];
  const commands = visibleText(runs.join('\n'), 'command');
  const named = (changes ?? []).slice(0, MAX_CHANGES).map(changeText);
  const more = (changes?.length ?? 0) - named.length;
  const lines = [...named, ...(more > 0 ? [texts.more(String(more))] : [])];
  return [
    `${isSuggested ? '👉 ' : ''}${texts.steps[id]}`,
    ...(tried === null ? [] : [`${texts.tried}: ${shown(tried.message)}`]),
    `<pre>${escapeHtml(commands.slice(0, MAX_COMMANDS))}</pre>`,
    ...(lines.length === 0 ? [] : [`<pre>${escapeHtml(lines.join('\n'))}</pre>`]),
    ...(commands.length > MAX_COMMANDS ? [texts.tooLong] : []),
  ].join('\n');
}

function changeText({ path, kind, before, after }: ConfigChange): string {
  const name = brief(path);
  if (kind === 'added') return `+ ${name} = ${brief(after)}`;
  if (kind === 'removed') return `- ${name} (${brief(before)})`;
  return `~ ${name}: ${brief(before)} → ${brief(after)}`;
}

function brief(value: unknown): string {
  const text = visibleText(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''), 'command');
  const line = text.replace(/\s+/g, ' ');
  return line.length <= MAX_VALUE ? line : `${line.slice(0, MAX_VALUE - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** A row for each step that can run, and of which the message shows all that it runs. */
function buttonsOf(steps: readonly RepairStep[], serverId: string, language: Language): Button[][] {
  return steps.flatMap(({ id, runs, choice }) => {
    if (choice === null || visibleText(runs.join('\n'), 'command').length > MAX_COMMANDS) return [];
    const text = botTexts[language].run[id];
    return [[{ text, callback_data: buttonData(['run', serverId, id, choice]) }]];
  });
}

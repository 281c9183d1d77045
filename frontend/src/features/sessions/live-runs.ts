// Running turns of the agent: text, tools and outcome. The transcript overrides them.
import type { ServerEvent } from '../events/server-event.ts';
import type { Transcript } from './transcript.ts';

export type ToolUse = {
  callId: string | null;
  name: string;
  /** What it does, in a few words. */
  title: string | null;
  state: 'running' | 'done' | 'failed';
};

export type Run = {
  id: string;
  /** OpenClaw's word for what it does before the model answers. */
  phase: string | null;
  /** Written so far; the beginning is missing when `isPartial`. */
  text: string;
  isPartial: boolean;
  tools: readonly ToolUse[];
  /** Milliseconds since the epoch: when it was begun here, or first known here. */
  startedMs: number;
  /** The last entry of the transcript at that time: what the run has said stands after it. */
  afterId: string | null;
  /** `silent`: the gateway says that nothing runs any more, and how it ended was not received. */
  end: null | { as: 'final' | 'error' | 'aborted' | 'silent'; error: string | null; atMs: number };
};

export type Runs = readonly Run[];

type ChatEvent = Extract<ServerEvent, { event: 'chat' }>['data'];
type ToolEvent = Extract<ServerEvent, { event: 'tool' }>['data'];

/** Runs that are known of; the oldest goes first. A session has one or two. */
const MAX_RUNS = 20;
/** UTF-16 units of what a run has written, as of a message that an event tells. Its end and the transcript have all of it. */
const MAX_TEXT = 100_000;
/** Uses of tools in a run that the transcript may not tell yet. */
const MAX_TOOLS = 200;
/** Milliseconds after the end of a run in which a page of the transcript may not have its last words yet. */
const SETTLING_MS = 2_000;
/** Milliseconds after which a run of which nothing was received is not believed in any more. */
const SILENT_RUN_MS = 10_000;

/** Of a run that is new. `isFromStart`: nothing ran before its first event. `afterId`: the last entry of the transcript now. */
type ReceivedAt = { isFromStart: boolean; nowMs: number; afterId: string | null };

export function withChat(
  runs: Runs,
  { runId, state, text, replace, phase, error }: ChatEvent,
  received: ReceivedAt,
): Runs {
  const isFromStart = received.isFromStart || state === 'status';
  return changed(runs, runId, { ...received, isFromStart }, (run) => {
    if (state === 'final' || state === 'error' || state === 'aborted') {
      const end = { as: state, error, atMs: received.nowMs };
      return state === 'final' ? { ...run, text: text ?? run.text, isPartial: false, end } : { ...run, end };
    }
    // Late events of an ended run are already contained in its final text.
    if (run.end !== null && run.end.as !== 'silent') return run;
    if (state === 'status') return { ...run, phase, end: null };
    return {
      ...run,
      phase: null,
      text: withMore(replace ? '' : run.text, text ?? ''),
      isPartial: run.isPartial && !replace,
      end: null,
    };
  });
}

export function withTool(
  runs: Runs,
  { runId, toolCallId, name, title, phase, failed }: ToolEvent,
  received: ReceivedAt,
): Runs {
  if (runId === null) return runs;
  return changed(runs, runId, received, (run) => {
    const at = run.tools.findIndex((tool) =>
      toolCallId === null ? tool.name === name && tool.state === 'running' : tool.callId === toolCallId,
    );
    const known = run.tools[at];
    if (known !== undefined && known.state !== 'running') return run;
    const tool: ToolUse = {
      callId: toolCallId,
      name,
      title: title ?? known?.title ?? null,
      state: phase === 'end' ? (failed ? 'failed' : 'done') : 'running',
    };
    return {
      ...run,
      phase: null,
      tools: known === undefined ? [...run.tools, tool].slice(-MAX_TOOLS) : run.tools.with(at, tool),
    };
  });
}

/** This app has begun a run: it is there before its first event. */
export function withStarted(runs: Runs, runId: string, received: Omit<ReceivedAt, 'isFromStart'>): Runs {
  return changed(runs, runId, { ...received, isFromStart: true }, (run) => run);
}

/** The gateway says that nothing runs in the session. A run of which nothing was received yet may be newer than that. */
export function withNothingRunning(runs: Runs, nowMs: number): Runs {
  const hasOutput = ({ phase, text, tools }: Run) => phase !== null || text !== '' || tools.length > 0;
  return runs.map((run) =>
    run.end === null && (hasOutput(run) || nowMs > run.startedMs + SILENT_RUN_MS)
      ? { ...run, end: { as: 'silent', error: null, atMs: nowMs } }
      : run,
  );
}

/** Events were lost: what follows does not continue what was received. */
export function withGap(runs: Runs): Runs {
  return runs.map((run) => (run.end === null ? { ...run, text: '', isPartial: true } : run));
}

/** Without the runs that the transcript tells by now. @param askedMs when the page was asked for that it was put together from */
export function settled(runs: Runs, askedMs: number): Runs {
  const remaining = runs.filter((run) => run.end?.as === 'error' || !isOver(run, askedMs));
  return remaining.length === runs.length ? runs : remaining;
}

/** A page that was asked for then has all of it. */
export function isOver({ end }: Run, askedMs: number): boolean {
  return end !== null && askedMs >= end.atMs + SETTLING_MS;
}

/** What a run has written that does not stand in the transcript. Its answers come there one after the other while it goes on. */
export function pendingText(run: Run, { entries }: Pick<Transcript, 'entries'>): string {
  let rest = run.text.trim();
  // When that entry is gone, the session has begun anew.
  const written = entries
    .slice(entries.findIndex(({ id }) => id === run.afterId) + 1)
    .filter(({ message: { role, runId } }) => role === 'assistant' && (runId === null || runId === run.id));
  for (const { message } of written) {
    const text = message.text.trim();
    if (text === '') continue;
    if (rest.startsWith(text)) rest = rest.slice(text.length).trimStart();
    else if (text.startsWith(rest) || (run.isPartial && text.includes(rest))) return '';
  }
  return rest;
}

function changed(
  runs: Runs,
  runId: string,
  { isFromStart, nowMs, afterId }: ReceivedAt,
  change: (run: Run) => Run,
): Runs {
  const at = runs.findIndex(({ id }) => id === runId);
  const known = runs[at];
  if (known !== undefined) return runs.with(at, change(known));
  const started: Run = {
    id: runId,
    phase: null,
    text: '',
    isPartial: !isFromStart,
    tools: [],
    startedMs: nowMs,
    afterId,
    end: null,
  };
  // How an earlier run ended is old news.
  const current = runs.filter(({ end }) => end === null || end.as === 'final');
  return [...current, change(started)].slice(-MAX_RUNS);
}

function withMore(text: string, more: string): string {
  return text.length < MAX_TEXT ? `${text}${more}`.slice(0, MAX_TEXT) : text;
}

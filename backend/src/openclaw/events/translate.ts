// Translates the gateway's events into those of the contract. Unused and repeated events are dropped.
import { z } from 'zod';
import { toldTime } from '../../lib/clock.ts';
import { sha256 } from '../../lib/ids.ts';
import { redactText } from '../../lib/redact.ts';
import type { GatewayEvent } from '../gateway/gateways.ts';
import { cut, figure, nameText } from '../reads/bounded.ts';
import { messageRow, presentMessage } from '../sessions/message-row.ts';
import { presentSession, sessionRow } from '../sessions/session-row.ts';
import { channelsStatus, MAX_CHANNELS, presentChannels } from '../status/channels.ts';
import type { OpenclawEvent } from './events.ts';

/** A text of any length, which is cut once it is known what it is. */
const text = z.string().nullish().catch(null);
const words = nameText.nullish().catch(null);

const place = z.looseObject({ sessionKey: nameText, agentId: words, runId: words });

const sessionsChanged = z.looseObject({
  sessionKey: words,
  agentId: words,
  runId: words,
  reason: words,
  phase: words,
  session: sessionRow.nullish().catch(null),
});
const sessionOperation = place.extend({
  operation: words,
  phase: words,
  completed: z.boolean().catch(false),
});
const chat = place.extend({
  runId: nameText,
  state: z.enum(['status', 'delta', 'final', 'error', 'aborted']),
  deltaText: text,
  replace: z.boolean().catch(false),
  message: messageRow.nullish().catch(null),
  phase: words,
  errorMessage: text,
  stopReason: words,
});
const sessionMessage = place.extend({ message: messageRow });
/** Of the event `agent`, stream `item`: 2026.7.35 reports each tool twice, the second time as `kind: "command"`. */
const toolItem = place.extend({
  stream: z.literal('item'),
  data: z.looseObject({
    kind: z.literal('tool'),
    phase: z.enum(['start', 'update', 'end']),
    name: nameText.catch(''),
    title: words,
    toolCallId: words,
    status: words,
  }),
});
const approvalRequested = z.looseObject({
  id: nameText,
  request: z.looseObject({ agentId: words, sessionKey: words }).nullish().catch(null),
  decision: words,
  expiresAtMs: figure,
});
const pairing = z.looseObject({ requestId: words });
const health = z.looseObject({
  ok: z.boolean().catch(true),
  eventLoop: z
    .looseObject({ degraded: z.boolean().nullish().catch(null) })
    .nullish()
    .catch(null),
});
/** Channels in `health`: the flags of `channels.status`, with accounts inside. */
const healthChannels = z
  .looseObject({
    channels: z.record(
      z.string(),
      z.looseObject({ accounts: z.record(z.string(), z.unknown()).nullish().catch(null) }),
    ),
  })
  .catch({ channels: {} });
const cron = z.looseObject({
  jobId: words,
  action: words,
  status: words,
  error: text,
  nextRunAtMs: figure,
  durationMs: figure,
});
const cronAction = z.enum(['added', 'updated', 'removed', 'started', 'finished']);
const dated = z.looseObject({ ts: figure });
const reasoned = z.looseObject({ reason: words });
const update = z.looseObject({
  updateAvailable: z.looseObject({ latestVersion: words }).nullish().catch(null),
});

/** Channel accounts whose state is remembered; a gateway has a handful. */
const MAX_REMEMBERED = 500;
/** UTF-16 units of one text in an event; the transcript has the full text. */
const MAX_TEXT = 100_000;

/** Translates the events of one gateway; it remembers the last reported health and channels. */
export function createTranslator(): (event: GatewayEvent) => OpenclawEvent[] {
  let lastHealth = '';
  /** By the hash of its name, the hash of the last report; the oldest is dropped first. */
  const lastChannels = new Map<string, string>();

  function healthEvents(payload: unknown): OpenclawEvent[] {
    const seen = health.safeParse(payload).data;
    if (seen === undefined) return [];
    const data = { ok: seen.ok, degraded: seen.eventLoop?.degraded ?? null };
    const changed = JSON.stringify(data) !== lastHealth;
    lastHealth = JSON.stringify(data);
    return [...(changed ? [{ event: 'health' as const, data }] : []), ...channelEvents(payload)];
  }

  function channelEvents(payload: unknown): OpenclawEvent[] {
    const known = Object.entries(healthChannels.parse(payload).channels).slice(0, MAX_CHANNELS);
    const channelAccounts = Object.fromEntries(
      known.map(([id, { accounts }]) => [id, Object.values(accounts ?? {})]),
    );
    const seen = presentChannels(
      channelsStatus.parse({ channels: Object.fromEntries(known), channelAccounts }),
    ).slice(0, MAX_REMEMBERED);
    return seen.flatMap((channel) => {
      const name = sha256(`${channel.id} ${channel.account}`);
      const state = sha256(JSON.stringify(channel));
      const isKnown = lastChannels.get(name) === state;
      lastChannels.delete(name);
      lastChannels.set(name, state);
      for (const oldest of lastChannels.keys()) {
        if (lastChannels.size <= MAX_REMEMBERED) break;
        lastChannels.delete(oldest);
      }
      return isKnown ? [] : [{ event: 'channel' as const, data: channel }];
    });
  }

  return (event) => {
    if (event.event === 'health') return healthEvents(event.payload);
    const told = translators.get(event.event)?.(event.payload) ?? null;
    return told === null ? [] : [told];
  };
}

type Translate = (payload: unknown) => OpenclawEvent | null;

const byName: Record<string, Translate> = {
  'sessions.changed': (payload) => {
    const seen = sessionsChanged.safeParse(payload).data;
    // The model of a run is reported several times, and the session shows it anyway.
    if (seen === undefined || seen.phase === 'model') return null;
    return {
      event: 'session',
      data: {
        sessionKey: seen.sessionKey ?? null,
        agentId: seen.agentId ?? agentIn(seen.sessionKey),
        runId: seen.runId ?? null,
        change: changeOf(seen.reason, seen.phase),
        session: seen.session == null ? null : presentSession(seen.session),
      },
    };
  },
  'session.operation': (payload) => {
    const seen = sessionOperation.safeParse(payload).data;
    if (seen?.operation !== 'compact') return null;
    const change = seen.phase === 'start' ? 'compacting' : seen.completed ? 'compacted' : 'updated';
    return { event: 'session', data: { ...placeOf(seen), change, session: null } };
  },
  chat: (payload) => {
    const seen = chat.safeParse(payload).data;
    if (seen === undefined) return null;
    const { state, message } = seen;
    const final = message == null || state !== 'final' ? null : presentMessage(message).text;
    const whole = state === 'delta' ? (seen.deltaText ?? '') : final;
    return {
      event: 'chat',
      data: {
        ...placeOf(seen),
        runId: seen.runId,
        state,
        text: whole === null ? null : cut(whole, MAX_TEXT),
        replace: state === 'delta' && seen.replace,
        phase: seen.phase ?? null,
        error: shownError(seen.errorMessage),
        stopReason: seen.stopReason ?? null,
      },
    };
  },
  'session.message': (payload) => {
    const seen = sessionMessage.safeParse(payload).data;
    if (seen === undefined) return null;
    const message = presentMessage(seen.message);
    return {
      event: 'message',
      data: { ...placeOf(seen), runId: message.runId ?? seen.runId ?? null, message: cutMessage(message) },
    };
  },
  agent: (payload) => {
    const seen = toolItem.safeParse(payload).data;
    if (seen === undefined) return null;
    const { data } = seen;
    return {
      event: 'tool',
      data: {
        ...placeOf(seen),
        toolCallId: data.toolCallId ?? null,
        name: data.name,
        title: data.title ?? null,
        phase: data.phase,
        failed: data.phase === 'end' && data.status != null && data.status !== 'completed',
      },
    };
  },
  ...approvals('exec'),
  ...approvals('plugin'),
  ...approvals('openclaw'),
  ...pairings('device'),
  ...pairings('node'),
  'config.changed': (payload) => ({
    event: 'config',
    data: { at: toldTime(dated.safeParse(payload).data?.ts) },
  }),
  cron: (payload) => {
    const seen = cron.safeParse(payload).data;
    if (seen === undefined) return null;
    return {
      event: 'cron',
      data: {
        jobId: seen.jobId ?? null,
        action: cronAction.safeParse(seen.action).data ?? 'other',
        status: seen.status ?? null,
        // The words of a model provider or a webhook, which may repeat a key.
        error: shownError(seen.error),
        nextRunAt: toldTime(seen.nextRunAtMs),
        durationMs: seen.durationMs == null ? null : Math.round(seen.durationMs),
      },
    };
  },
  'skills.changed': (payload) => ({
    event: 'skills',
    data: { reason: reasoned.safeParse(payload).data?.reason ?? null },
  }),
  'update.available': (payload) => ({
    event: 'update',
    data: { latest: update.safeParse(payload).data?.updateAvailable?.latestVersion ?? null },
  }),
};

/** A map, so that an event named like something of every object finds nothing. */
const translators = new Map(Object.entries(byName));

/** Without the command, which may contain a secret. A reader with access requests the approval itself. */
function approvals(kind: 'exec' | 'plugin' | 'openclaw'): Record<string, Translate> {
  const translate = (state: 'requested' | 'resolved') => (payload: unknown) => {
    const seen = approvalRequested.safeParse(payload).data;
    if (seen === undefined) return null;
    return {
      event: 'approval' as const,
      data: {
        kind,
        state,
        id: seen.id,
        agentId: seen.request?.agentId ?? null,
        sessionKey: seen.request?.sessionKey ?? null,
        decision: seen.decision ?? null,
        expiresAt: toldTime(seen.expiresAtMs),
      },
    };
  };
  return {
    [`${kind}.approval.requested`]: translate('requested'),
    [`${kind}.approval.resolved`]: translate('resolved'),
  };
}

function pairings(kind: 'device' | 'node'): Record<string, Translate> {
  const translate = (state: 'requested' | 'resolved') => (payload: unknown) => ({
    event: 'pairing' as const,
    data: { kind, state, requestId: pairing.safeParse(payload).data?.requestId ?? null },
  });
  return {
    [`${kind}.pair.requested`]: translate('requested'),
    [`${kind}.pair.resolved`]: translate('resolved'),
  };
}

function changeOf(
  reason: string | null | undefined,
  phase: string | null | undefined,
): 'updated' | 'run' | 'reset' | 'compacted' | 'deleted' {
  if (reason === 'delete') return 'deleted';
  if (reason === 'reset' || reason === 'new') return 'reset';
  if (reason === 'compact') return 'compacted';
  return phase === 'start' || phase === 'end' || phase === 'error' ? 'run' : 'updated';
}

function placeOf({ sessionKey, agentId, runId }: z.output<typeof place>) {
  return { sessionKey, agentId: agentId ?? agentIn(sessionKey), runId: runId ?? null };
}

function agentIn(sessionKey: string | null | undefined): string | null {
  return /^agent:([^:]+):/.exec(sessionKey ?? '')?.[1] ?? null;
}

/** A provider may quote a key in its error. */
function shownError(text: string | null | undefined): string | null {
  return text == null ? null : redactText(cut(text, MAX_TEXT));
}

/** Arguments of a tool can be a whole file. */
function cutMessage(message: ReturnType<typeof presentMessage>): ReturnType<typeof presentMessage> {
  return {
    ...message,
    text: cut(message.text, MAX_TEXT),
    toolCalls: message.toolCalls.map((call) =>
      JSON.stringify(call.arguments).length > MAX_TEXT ? { ...call, arguments: null } : call,
    ),
  };
}

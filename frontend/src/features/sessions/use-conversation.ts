// One conversation: transcript pages, live events and the person's messages.
import type { Server } from '@buoy/contract';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useReducer, useRef } from 'react';
import { isGone } from '../../api.ts';
import { randomKey } from '../../random-key.ts';
import { useServices } from '../../services.ts';
import type { ServerEvent } from '../events/server-event.ts';
import { requiresRefetch, useServerEvent } from '../events/server-events.tsx';
import { activeRun, createConversationReducer, emptyConversation, shownEntries } from './conversation.ts';
import { newestMessagesQuery, olderMessages, sessionListKey, sessionQuery } from './session-queries.ts';
import { useLater } from './timing.ts';

/** Milliseconds; several tools may end at once, and their results are in the transcript only. */
const AFTER_TOOL_MS = 600;
/** Milliseconds after the end of a turn in which its last words may still be on their way into the transcript. */
const AFTER_TURN_MS = 2_500;
/** Milliseconds after a message was sent: one that joined another turn has no events of its own. */
const NO_EVENTS_MS = 15_000;

export function useConversation(server: Server, sessionKey: string) {
  const { api } = useServices();
  const queries = useQueryClient();
  const session = useQuery(sessionQuery(api, server.id, sessionKey));
  const newest = useQuery(newestMessagesQuery(api, server.id, sessionKey));
  const reduce = useMemo(() => createConversationReducer(sessionKey), [sessionKey]);
  const [conversation, change] = useReducer(reduce, emptyConversation);

  const page = newest.data;
  useEffect(() => {
    if (page !== undefined) change({ kind: 'newest', page, askedMs: page.askedMs });
  }, [page]);
  const loadedSession = session.data?.session;
  useEffect(() => {
    if (loadedSession !== undefined) change({ kind: 'session', session: loadedSession, nowMs: Date.now() });
  }, [loadedSession]);

  const refetch = () => {
    void queries.invalidateQueries({ queryKey: sessionQuery(api, server.id, sessionKey).queryKey });
    void queries.invalidateQueries({ queryKey: newestMessagesQuery(api, server.id, sessionKey).queryKey });
  };
  const refetchSoon = useLater(refetch);
  const refetchLater = useLater(refetch);
  const refetchWithoutEvents = useLater(refetch);
  useServerEvent((event) => {
    change({ kind: 'event', event, nowMs: Date.now() });
    if (requiresRefetch(event)) refetchSoon(0);
    if (!('sessionKey' in event.data) || event.data.sessionKey !== sessionKey) return;
    cacheSession(event);
    if (event.event === 'tool' && event.data.phase === 'end') refetchSoon(AFTER_TOOL_MS);
    if (event.event === 'session' && (event.data.session === null || event.data.change !== 'updated'))
      refetchSoon(AFTER_TOOL_MS);
    if (event.event === 'chat' && ['final', 'error', 'aborted'].includes(event.data.state)) {
      refetchSoon(0);
      refetchLater(AFTER_TURN_MS);
    }
  });

  function cacheSession(event: ServerEvent): void {
    if (event.event !== 'session' || event.data.session === null) return;
    queries.setQueryData(sessionQuery(api, server.id, sessionKey).queryKey, {
      session: event.data.session,
      source: 'gateway',
      observedAt: new Date().toISOString(),
    });
  }

  /** The same words sent again after a failure are the same decision, which may have arrived the first time. */
  const failed = useRef<{ text: string; idempotencyKey: string } | null>(null);
  const send = useMutation({
    mutationFn: async (text: string) => {
      const idempotencyKey = failed.current?.text === text ? failed.current.idempotencyKey : randomKey();
      change({ kind: 'sending', id: idempotencyKey, text });
      try {
        const { run } = await api.call('POST /servers/:id/openclaw/sessions/:key/messages', {
          params: { id: server.id, key: sessionKey },
          body: { text },
          headers: { 'idempotency-key': idempotencyKey },
        });
        failed.current = null;
        change({ kind: 'sent', id: idempotencyKey, runId: run.id, nowMs: Date.now() });
        refetchWithoutEvents(NO_EVENTS_MS);
      } catch (error) {
        failed.current = { text, idempotencyKey };
        change({ kind: 'unsent', id: idempotencyKey });
        throw error;
      }
    },
    onSuccess: () => void queries.invalidateQueries({ queryKey: sessionListKey(server.id) }),
  });

  const { olderCursor } = conversation.transcript;
  const older = useMutation({
    mutationFn: ({ cursor }: { cursor: string; beforeShown: () => void }) =>
      olderMessages(api, server.id, sessionKey, cursor),
    onSuccess: (answer, { cursor, beforeShown }) => {
      beforeShown();
      change({ kind: 'older', cursor, page: answer });
    },
  });

  const stop = useMutation({
    mutationFn: () =>
      api.call('POST /servers/:id/openclaw/sessions/:key/abort', {
        params: { id: server.id, key: sessionKey },
        body: {},
      }),
    onSettled: () => refetchSoon(0),
  });

  const run = activeRun(conversation);
  return {
    session: loadedSession ?? null,
    origin: session.data ?? null,
    /** There is no such session, or not any more. */
    isAbsent: isGone(session.error),
    problem: [session.error, newest.error].find((error) => error !== null && !isGone(error)) ?? null,
    isLoading: page === undefined && newest.error === null,
    entries: useMemo(() => shownEntries(conversation), [conversation]),
    run,
    isWorking: run !== null || send.isPending || loadedSession?.running === true,
    /** Before the gateway has taken a message up there is nothing to stop. */
    canStop: run !== null || loadedSession?.running === true,
    isCompacting: conversation.isCompacting,
    /** How the last turn ended, when that was not well. */
    lastEnd: conversation.runs.at(-1)?.end ?? null,
    send,
    stop,
    older,
    /** Shows what was said before; `beforeShown` is called right before that. null: there is nothing, or it is being read. */
    showOlder:
      typeof olderCursor === 'string' && !older.isPending
        ? (beforeShown: () => void) => older.mutate({ cursor: olderCursor, beforeShown })
        : null,
    hasOlder: typeof olderCursor === 'string',
    refetch,
  };
}

export type ConversationView = ReturnType<typeof useConversation>;

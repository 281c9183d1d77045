// A conversation with an agent: transcript, live answer and composer.
import type { OpenclawSession, Server } from '@buoy/contract';
import { useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyNote } from '../../ui/empty-note.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { uiTexts } from '../../ui/texts.ts';
import { VisibleText } from '../../ui/visible-text.tsx';
import { useGateway } from '../events/server-events.tsx';
import { ChatHeader } from './chat-header.tsx';
import { chatTexts } from './chat-texts.ts';
import { Composer } from './composer.tsx';
import { EntryRow } from './entry-row.tsx';
import { type ConversationView, useConversation } from './use-conversation.ts';
import { useFollowEnd } from './use-follow-end.ts';
import { WaitingApprovals } from './waiting-approvals.tsx';
import { WorkingLine } from './working-line.tsx';

export function ChatPage({ server, sessionKey }: { server: Server; sessionKey: string }) {
  const t = useTexts(chatTexts);
  const ui = useTexts(uiTexts);
  const conversation = useConversation(server, sessionKey);
  const { box, list, isAtEnd, toEnd, keepPosition } = useFollowEnd(conversation.entries, () =>
    conversation.showOlder?.(keepPosition),
  );
  const [result, setResult] = useState<string | null>(null);
  const mayAct = server.role !== 'viewer';
  return (
    <div ref={box} className="max-w-4xl [overflow-anchor:none]">
      <ChatHeader server={server} sessionKey={sessionKey} origin={conversation.origin} onDone={setResult} />
      <p role="status" className={result === null ? '' : 'mt-3 rounded-md bg-inset px-4 py-2 text-sm'}>
        {result}
      </p>
      <div className="mt-3 space-y-3">
        {conversation.problem !== null && (
          <div className="space-y-2">
            <ProblemNote problem={conversation.problem} />
            <Button onClick={conversation.refetch}>{ui.tryAgain}</Button>
          </div>
        )}
        {conversation.isLoading && <Skeleton label={t.loading} rows={4} />}
        <Earlier conversation={conversation} keepPosition={keepPosition} />
        <ol ref={list} aria-label={t.conversation} className="space-y-3">
          {conversation.entries.map((entry) => (
            <EntryRow key={`${entry.kind} ${entry.id}`} entry={entry} />
          ))}
        </ol>
        {!conversation.isLoading && conversation.entries.length === 0 && (
          <Nothing isAbsent={conversation.isAbsent} mayAct={mayAct} />
        )}
        {conversation.isAbsent && !conversation.isWorking && conversation.entries.length > 0 && (
          <p role="status" className="text-sm text-muted">
            {t.gone}
          </p>
        )}
        <LastEnd conversation={conversation} />
        {mayAct && <WaitingApprovals server={server} sessionKey={sessionKey} />}
      </div>
      <div className="sticky bottom-0 -mx-4 mt-3 border-t border-line bg-canvas px-4 pt-2 pb-[calc(0.75rem+var(--safe-bottom))]">
        {!isAtEnd && (
          <Button className="absolute -top-13 right-4 shadow-lg" onClick={toEnd}>
            ↓ {t.toNewest}
          </Button>
        )}
        <GatewayNote />
        {conversation.isCompacting && (
          <p role="status" className="pb-2 text-sm">
            {t.compacting}
          </p>
        )}
        {conversation.isWorking && (
          <WorkingLine
            run={conversation.run}
            stop={conversation.stop}
            canStop={mayAct && conversation.canStop}
          />
        )}
        {mayAct ? (
          <Composer server={server} sessionKey={sessionKey} send={conversation.send} onSend={toEnd} />
        ) : (
          <p className="py-2 text-sm text-muted">{t.viewer}</p>
        )}
      </div>
      <Announcer conversation={conversation} />
    </div>
  );
}

function Earlier({
  conversation,
  keepPosition,
}: {
  conversation: ConversationView;
  keepPosition: () => void;
}) {
  const t = useTexts(chatTexts);
  if (conversation.isLoading || conversation.entries.length === 0) return null;
  if (!conversation.hasOlder) return <p className="text-center text-xs text-muted">{t.beginning}</p>;
  return (
    <div className="space-y-2 text-center">
      {conversation.older.error !== null && <ProblemNote problem={conversation.older.error} />}
      <Button disabled={conversation.older.isPending} onClick={() => conversation.showOlder?.(keepPosition)}>
        {conversation.older.isPending ? t.loadingEarlier : t.earlier}
      </Button>
    </div>
  );
}

function Nothing({ isAbsent, mayAct }: { isAbsent: boolean; mayAct: boolean }) {
  const t = useTexts(chatTexts);
  if (isAbsent) return <EmptyNote title={t.absent}>{mayAct ? t.absentHint : t.absentForViewer}</EmptyNote>;
  return <EmptyNote title={t.empty}>{mayAct ? t.emptyHint : t.absentForViewer}</EmptyNote>;
}

/** How the last turn ended when it did not end well, unless the transcript has it. */
function LastEnd({ conversation }: { conversation: ConversationView }) {
  const t = useTexts(chatTexts);
  const last = conversation.entries.findLast(
    (entry) => entry.kind !== 'message' || entry.message.role !== 'system',
  );
  if (conversation.isWorking || (last?.kind === 'message' && last.message.error !== null)) return null;
  const words = endWords(conversation.session?.status ?? null, conversation.lastEnd?.as ?? null);
  if (words === null) return null;
  const error = conversation.lastEnd?.error ?? null;
  return (
    <p role="status" className={`text-sm ${words === 'turnStopped' ? 'text-muted' : 'text-down'}`}>
      {t[words]}
      {error !== null && (
        <span lang="en">
          {' '}
          <VisibleText text={error} />
        </span>
      )}
    </p>
  );
}

function endWords(
  status: OpenclawSession['status'],
  end: 'final' | 'error' | 'aborted' | 'silent' | null,
): 'turnStopped' | 'turnFailed' | 'turnTimedOut' | null {
  if (end === 'aborted' || (status === 'killed' && end !== 'error')) return 'turnStopped';
  if (status === 'timeout') return 'turnTimedOut';
  return end === 'error' || status === 'failed' ? 'turnFailed' : null;
}

function GatewayNote() {
  const t = useTexts(chatTexts);
  const gateway = useGateway();
  if (gateway === null || gateway.state === 'connected') return null;
  return (
    <p role="status" className="pb-2 text-sm text-unreachable">
      {gateway.state === 'restarting' ? t.gatewayRestarts : t.gatewayAway}
    </p>
  );
}

/** Read out: that the agent works, and its answer when that is whole; not each word as it comes. */
function Announcer({ conversation }: { conversation: ConversationView }) {
  const t = useTexts(chatTexts);
  const last = conversation.entries.at(-1);
  const answer =
    last?.kind === 'message' && last.message.role === 'assistant' ? last.message.text.slice(0, 500) : '';
  return (
    <p role="status" className="sr-only">
      {conversation.isWorking ? t.working : answer === '' ? '' : t.answered(answer)}
    </p>
  );
}

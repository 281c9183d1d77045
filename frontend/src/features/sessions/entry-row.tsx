// One entry of a conversation: who said what and when, and the tools that were used for it.
import type { OpenclawMessage } from '@buoy/contract';
import { memo } from 'react';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { VisibleText } from '../../ui/visible-text.tsx';
import { chatTexts } from './chat-texts.ts';
import type { Call, ShownEntry } from './conversation.ts';
import { LongText } from './long-text.tsx';
import { MessageText, PlainText } from './message-text.tsx';
import { ToolCall } from './tool-call.tsx';

/** Drawn again only when something in it has changed: a conversation has hundreds of these. */
export const EntryRow = memo(Entry, (before, after) => isSameEntry(before.entry, after.entry));

function Entry({ entry }: { entry: ShownEntry }) {
  const t = useTexts(chatTexts);
  if (entry.kind === 'sent')
    return (
      <Bubble
        isOwn
        who={t.roleUser}
        note={entry.state === 'on its way' ? t.sending : entry.state === 'lost' ? t.notTakenUp : null}
      >
        <PlainText text={entry.text} />
      </Bubble>
    );
  if (entry.kind === 'writing')
    return (
      <Bubble who={t.roleAssistant} note={entry.isPartial && entry.text !== '' ? t.partial : null}>
        <Calls calls={entry.calls} />
        {entry.text !== '' && <MessageText text={entry.isPartial ? `… ${entry.text}` : entry.text} />}
      </Bubble>
    );
  return <Message message={entry.message} calls={entry.calls} />;
}

function Message({ message, calls }: { message: OpenclawMessage; calls: readonly Call[] }) {
  const t = useTexts(chatTexts);
  const formats = useFormats();
  const { role, text, at, usage, attachments, error, stopReason } = message;
  const when = at === null ? null : formats.moment(at);
  if (role === 'system')
    return (
      <li className="py-1 text-center text-xs text-muted">
        <LongText text={text === '' ? t.roleSystem : text}>
          {(shown) => <VisibleText text={[shown, when].filter((part) => part !== null).join(' · ')} />}
        </LongText>
      </li>
    );
  const cost = usage?.costUsd ?? 0;
  const note = [
    when,
    usage === null || usage.total === 0
      ? null
      : t.usage(
          formats.number(usage.input + usage.cacheRead + usage.cacheWrite),
          formats.number(usage.output),
        ),
    cost > 0 ? formats.money(cost) : null,
  ].filter((part) => part !== null);
  return (
    <Bubble
      isOwn={role === 'user'}
      who={role === 'user' ? t.roleUser : role === 'tool' ? t.roleTool : t.roleAssistant}
      note={note.join(' · ')}
    >
      {text !== '' && role === 'user' && (
        <LongText text={text}>{(shown) => <PlainText text={shown} />}</LongText>
      )}
      {text !== '' && role === 'assistant' && (
        <LongText text={text}>{(shown) => <MessageText text={shown} />}</LongText>
      )}
      <Calls calls={calls} />
      {attachments.length > 0 && (
        <p className="text-sm text-muted">{t.attachments(attachments.join(', '))}</p>
      )}
      {error !== null && stopReason === 'aborted' && <p className="text-sm text-muted">{t.stopped}</p>}
      {error !== null && stopReason !== 'aborted' && (
        <p className="text-sm text-down">
          {t.failed}:{' '}
          <span lang="en">
            <VisibleText text={error} />
          </span>
        </p>
      )}
    </Bubble>
  );
}

function Calls({ calls }: { calls: readonly Call[] }) {
  return calls.map((call, at) => <ToolCall key={call.id ?? `${call.name} ${at}`} call={call} />);
}

function Bubble({
  who,
  note,
  isOwn = false,
  children,
}: {
  who: string;
  note: string | null;
  isOwn?: boolean;
  children: React.ReactNode;
}) {
  return (
    <li className={`[contain:layout_style] ${isOwn ? 'pl-6 sm:pl-16' : 'sm:pr-16'}`}>
      <div className={`rounded-lg border border-line px-3 py-2 ${isOwn ? 'bg-accent/8' : 'bg-surface'}`}>
        <p className="flex flex-wrap justify-between gap-x-3 text-xs text-muted">
          <span className="font-medium">{who}</span>
          {note !== null && <span>{note}</span>}
        </p>
        <div className="mt-1 space-y-2">{children}</div>
      </div>
    </li>
  );
}

function isSameEntry(one: ShownEntry, other: ShownEntry): boolean {
  if (one.kind === 'message' && other.kind === 'message')
    return one.message === other.message && isSameCalls(one.calls, other.calls);
  return JSON.stringify(one) === JSON.stringify(other);
}

function isSameCalls(some: readonly Call[], others: readonly Call[]): boolean {
  return some.length === others.length && some.every((call, at) => isSameCall(call, others[at]));
}

function isSameCall(one: Call, other: Call | undefined): boolean {
  return (
    other !== undefined &&
    one.id === other.id &&
    one.title === other.title &&
    one.state === other.state &&
    one.input === other.input &&
    one.output === other.output
  );
}

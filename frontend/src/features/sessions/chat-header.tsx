// The header of a conversation: always visible, with the way back and the session's actions.
import type { OpenclawSession, Server } from '@buoy/contract';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { serverPath } from '../../paths.ts';
import { buttonClass } from '../../ui/button.tsx';
import { OriginNote } from '../../ui/origin-note.tsx';
import { VisibleText } from '../../ui/visible-text.tsx';
import { chatTexts } from './chat-texts.ts';
import { ContextUse } from './context-use.tsx';
import { SessionActions } from './session-actions.tsx';
import { agentOfKey, sessionName } from './session-name.ts';
import { sessionTexts } from './texts.ts';

type Read = { session: OpenclawSession; source: 'gateway' | 'cli' | 'snapshot'; observedAt: string };

/** @param origin null: the session is not there, or not read yet */
export function ChatHeader({
  server,
  sessionKey,
  origin,
  onDone,
}: {
  server: Server;
  sessionKey: string;
  origin: Read | null;
  onDone: (words: string) => void;
}) {
  const t = useTexts(chatTexts);
  const ofSessions = useTexts(sessionTexts);
  const formats = useFormats();
  const session = origin?.session ?? null;
  const cost = session?.costUsd ?? 0;
  return (
    <>
      <div className="sticky top-0 z-10 -mx-4 flex items-center gap-2 border-b border-line bg-canvas px-4 py-1">
        <a
          {...linkTo(serverPath(server.id, 'sessions'))}
          className={`${buttonClass('quiet')} -ml-4 shrink-0`}
        >
          <span aria-hidden="true">←</span>
          <span className="max-sm:sr-only">{t.backToList}</span>
        </a>
        <h2 className="min-w-0 flex-1 truncate font-semibold">
          <VisibleText text={sessionName(session ?? { key: sessionKey, title: null })} />
        </h2>
        {session !== null && server.role !== 'viewer' && (
          <SessionActions server={server} session={session} onDone={onDone} />
        )}
      </div>
      <div className="mt-2 flex flex-wrap gap-x-3 gap-y-1 text-xs text-muted">
        <span>
          <VisibleText
            text={[session?.agentId ?? agentOfKey(sessionKey), session?.model, session?.thinking]
              .filter((part) => part != null)
              .join(' · ')}
          />
        </span>
        {session !== null && <ContextUse tokens={session.tokens} />}
        {cost > 0 && <span>{ofSessions.cost(formats.money(cost))}</span>}
        {origin !== null && <OriginNote source={origin.source} observedAt={origin.observedAt} />}
      </div>
    </>
  );
}

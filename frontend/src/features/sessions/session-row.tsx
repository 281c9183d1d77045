// One session in the list: what it is, whose, how full, when it was last used.
import type { OpenclawSession } from '@buoy/contract';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { serverPath } from '../../paths.ts';
import { useTimedText } from '../../ui/clock.ts';
import { VisibleText } from '../../ui/visible-text.tsx';
import { ContextUse } from './context-use.tsx';
import { sessionName } from './session-name.ts';
import { sessionTexts } from './texts.ts';

export function SessionRow({ serverId, session }: { serverId: string; session: OpenclawSession }) {
  const t = useTexts(sessionTexts);
  const formats = useFormats();
  const { key, agentId, pinned, isMain, status, running, model, tokens, costUsd } = session;
  const lastAt = session.lastInteractionAt ?? session.updatedAt;
  const activity = useTimedText((nowMs) =>
    lastAt === null ? t.neverUsed : t.lastActivity(formats.age(lastAt, nowMs)),
  );
  const marks = [pinned === true ? t.pinned : null, isMain ? t.main : null].filter((mark) => mark !== null);
  return (
    <li>
      <a
        {...linkTo(serverPath(serverId, 'sessions', key))}
        className="block min-h-11 px-4 py-3 text-ink no-underline hover:bg-inset focus-visible:-outline-offset-2 sm:px-5"
      >
        <span className="flex flex-wrap items-baseline justify-between gap-x-3">
          <span className="min-w-0 font-medium">
            <VisibleText text={sessionName(session)} />
            {marks.length > 0 && (
              <span className="ml-2 text-xs font-normal text-muted">{marks.join(' · ')}</span>
            )}
          </span>
          <StatusWord word={running ? 'running' : status} />
        </span>
        <span className="mt-0.5 block text-sm text-muted">
          <VisibleText text={[agentId, model, activity].filter((part) => part !== null).join(' · ')} />
        </span>
        <span className="mt-1 flex flex-wrap gap-x-3 text-xs text-muted">
          <ContextUse tokens={tokens} />
          {costUsd !== null && costUsd > 0 && <span>{t.cost(formats.money(costUsd))}</span>}
        </span>
      </a>
    </li>
  );
}

/** Nothing for a session that is simply done. */
function StatusWord({ word }: { word: OpenclawSession['status'] }) {
  const t = useTexts(sessionTexts);
  if (word === null || word === 'done') return null;
  const tone =
    word === 'running' ? 'text-up' : word === 'failed' || word === 'timeout' ? 'text-down' : 'text-muted';
  return <span className={`text-xs font-medium ${tone}`}>{t.status(word)}</span>;
}

// Says that Buoy is unreachable and how old the data is. It stands below the page, so that nothing on it moves.
import { useQueryClient } from '@tanstack/react-query';
import { useState, useSyncExternalStore } from 'react';
import { createConnectionState } from './connection-state.ts';
import { useFormats } from './i18n/use-formats.ts';
import { useTexts } from './i18n/use-texts.ts';
import { shellTexts } from './shell-texts.ts';
import { Button } from './ui/button.tsx';
import { useTimedText } from './ui/clock.ts';

export function ConnectionBanner() {
  const queries = useQueryClient();
  const t = useTexts(shellTexts);
  const [connectionState] = useState(() => createConnectionState(queries.getQueryCache(), window));
  const { state, answeredAt } = useSyncExternalStore(connectionState.subscribe, connectionState.connection);
  if (state === 'reached') return null;
  return (
    <>
      {/* The end of the page can still be scrolled above the banner. */}
      <div className="h-28" />
      <div className="fixed inset-x-0 bottom-0 z-20 border-t border-unreachable/50 bg-surface px-[max(1rem,var(--safe-left))] pb-(--safe-bottom) shadow-lg">
        <div className="mx-auto flex max-w-[100rem] flex-wrap items-center justify-between gap-x-4 gap-y-1 py-2 text-sm">
          <p role="status">
            <span className="font-medium text-unreachable">{state === 'offline' ? t.offline : t.silent}</span>{' '}
            {state === 'silent' && t.silentHint}
          </p>
          <div className="flex flex-wrap items-center gap-x-3">
            {answeredAt !== null && <Age answeredAt={answeredAt} />}
            <Button onClick={() => void queries.refetchQueries({ type: 'active' })}>{t.tryNow}</Button>
          </div>
        </div>
      </div>
    </>
  );
}

function Age({ answeredAt }: { answeredAt: string }) {
  const t = useTexts(shellTexts);
  const formats = useFormats();
  return <p className="text-muted">{useTimedText((now) => t.shownFrom(formats.age(answeredAt, now)))}</p>;
}

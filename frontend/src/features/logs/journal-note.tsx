// The last log lines of the service while the gateway is down.
import { useQuery } from '@tanstack/react-query';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { ReadPanel } from '../../ui/read-panel.tsx';
import { LogRow } from './log-row.tsx';
import { logsTexts } from './texts.ts';

const LINES = 40;
/** Milliseconds; a service that is restarted again and again writes on. */
const POLL_MS = 10_000;

export function JournalNote({ serverId }: { serverId: string }) {
  const { api } = useServices();
  const t = useTexts(logsTexts);
  const query = useQuery({
    queryKey: ['logs', serverId, 'journal'],
    queryFn: ({ signal }) =>
      api.call('GET /servers/:id/openclaw/logs', {
        params: { id: serverId },
        query: { lines: LINES },
        signal,
      }),
    refetchInterval: POLL_MS,
  });
  return (
    <ReadPanel title={t.journal} loading={t.loading} rows={3} query={query}>
      {({ logs }) =>
        logs.lines.length === 0 ? (
          <p className="text-sm text-muted">{t.journalEmpty}</p>
        ) : (
          <div
            role="log"
            aria-live="off"
            aria-label={t.journal}
            // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard
            tabIndex={0}
            className="max-h-72 overflow-y-auto rounded-md border border-line bg-inset font-mono text-xs leading-5"
          >
            {logs.lines.map((line, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: lines have no name, and the list is replaced whole
              <LogRow key={index} entry={{ kind: 'line', number: index, ...line }} wanted="" />
            ))}
          </div>
        )
      }
    </ReadPanel>
  );
}

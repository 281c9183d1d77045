// The gateway log: live, filtered, exported; or the service's last output while the gateway is down.
import { useDeferredValue, useMemo, useRef, useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import type { SectionProps } from '../../page-props.ts';
import { Button } from '../../ui/button.tsx';
import { NotFound } from '../../ui/not-found.tsx';
import { Panel } from '../../ui/panel.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { useFilters } from '../../ui/use-filters.ts';
import { JournalNote } from './journal-note.tsx';
import { LogExport } from './log-export.tsx';
import { LogFilters } from './log-filters.tsx';
import { filterLog, levels } from './log-lines.ts';
import { LogList } from './log-list.tsx';
import { LogStatus } from './log-status.tsx';
import { logsTexts } from './texts.ts';
import { useLog } from './use-log.ts';

export function LogsSection({ server, rest }: SectionProps) {
  const t = useTexts(logsTexts);
  const log = useLog(server.id);
  const [filters, setFilters] = useFilters(['level', 'find']);
  const level = levels.find((one) => one === filters.level) ?? null;
  const text = filters.find;
  const [isFollowing, setFollowing] = useState(true);
  const scroller = useRef<HTMLDivElement>(null);
  const wanted = useDeferredValue(text);
  const { entries } = log.view;
  const shown = useMemo(() => filterLog(entries, { level, text: wanted }), [entries, level, wanted]);
  const lineCount = useMemo(() => shown.filter(({ kind }) => kind === 'line').length, [shown]);
  const isDown = entries.at(-1)?.kind === 'gap';
  if (rest.length > 0) return <NotFound />;
  return (
    <div className="space-y-4">
      {log.problem !== null && <ProblemNote problem={log.problem} />}
      {isDown && <JournalNote serverId={server.id} />}
      <Panel title={t.log} aside={<LogStatus log={log} isDown={isDown} />}>
        <div className="space-y-3">
          <LogFilters
            level={level}
            onLevel={(wantedLevel) => setFilters({ level: wantedLevel ?? '' })}
            text={text}
            onText={(find) => setFilters({ find })}
          />
          <div className="relative">
            {entries.length === 0 && log.problem === null ? (
              <Skeleton label={t.loading} rows={5} />
            ) : (
              <LogList
                entries={shown}
                wanted={wanted}
                isFollowing={isFollowing && !log.isPaused}
                onFollow={setFollowing}
                scroller={scroller}
              />
            )}
            {entries.length > 0 && shown.length === 0 && (
              <p role="status" className="absolute inset-x-4 top-4 text-sm text-muted">
                {t.noMatch}
              </p>
            )}
          </div>
          <div className="flex flex-wrap items-center gap-2">
            <Button aria-pressed={log.isPaused} onClick={log.isPaused ? log.resume : log.pause}>
              {log.isPaused ? t.resume : t.pause}
            </Button>
            {/* In the page even when it does nothing: buttons must not jump about. */}
            <Button
              disabled={isFollowing && !log.isPaused}
              onClick={() => {
                log.resume();
                setFollowing(true);
              }}
            >
              {t.toEnd}
            </Button>
            <LogExport entries={shown} serverName={server.name} />
            <p className="ml-auto text-sm text-muted">
              {log.isPaused && log.bufferedCount > 0 ? t.heldBack(log.bufferedCount) : t.shown(lineCount)}
            </p>
          </div>
        </div>
      </Panel>
    </div>
  );
}

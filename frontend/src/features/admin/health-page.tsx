// The health of Buoy itself: problems first, then the figures.
import type { DetailedHealth } from '@buoy/contract';
import { useQuery } from '@tanstack/react-query';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { useServices } from '../../services.ts';
import { buttonClass } from '../../ui/button.tsx';
import { Facts } from '../../ui/facts.tsx';
import { PageHeading } from '../../ui/page-heading.tsx';
import { Panel } from '../../ui/panel.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { useNow } from '../../ui/use-now.ts';
import { healthQuery } from './admin-queries.ts';
import { adminTexts } from './texts.ts';
import { VaultPanel } from './vault-panel.tsx';

export function HealthPage() {
  const { api } = useServices();
  const t = useTexts(adminTexts);
  const formats = useFormats();
  const now = useNow();
  const { data, error, dataUpdatedAt } = useQuery(healthQuery(api));
  return (
    <div className="space-y-4">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4">
        <PageHeading title={t.health}>{t.health}</PageHeading>
        {data !== undefined && (
          <p className="text-xs text-muted">
            {t.askedAt(formats.age(new Date(dataUpdatedAt).toISOString(), now))}
          </p>
        )}
      </div>
      {error !== null && <ProblemNote problem={error} />}
      {data === undefined && error === null && <Skeleton label={t.loadingHealth} rows={4} />}
      {data !== undefined && (
        <>
          <Verdict health={data} />
          <Figures health={data} />
        </>
      )}
    </div>
  );
}

function Verdict({ health: { status, reasons } }: { health: DetailedHealth }) {
  const t = useTexts(adminTexts);
  const isWell = status === 'ok';
  return (
    <div
      role="status"
      className={`rounded-md border px-4 py-3 text-sm ${isWell ? 'border-up/40 bg-up/8' : 'border-down/40 bg-down/8'}`}
    >
      <p className="font-medium">
        <span aria-hidden="true">{isWell ? '✓' : '✕'}</span> {isWell ? t.healthOk : t.healthDegraded}
      </p>
      {reasons.map((reason) => (
        <p key={reason} lang="en" className="mt-1">
          {reason}
        </p>
      ))}
    </div>
  );
}

function Figures({ health }: { health: DetailedHealth }) {
  const t = useTexts(adminTexts);
  const formats = useFormats();
  const now = useNow();
  const { database, memory, eventLoop, monitor, tasks, backup, telegram } = health;
  const count = (value: number | null) => (value === null ? t.unknown : formats.number(value));
  const short = (value: number) => formats.number(Math.round(value * 10) / 10);
  return (
    <div className="grid items-start gap-4 md:grid-cols-2">
      <Panel title={t.buoy}>
        <Facts
          facts={[
            { term: t.version, value: health.version },
            { term: t.upFor, value: formats.duration(health.uptimeS) },
            { term: t.memory, value: formats.bytes(memory.rssBytes) },
            { term: t.heap, value: formats.bytes(memory.heapUsedBytes) },
            { term: t.load, value: formats.percent(eventLoop.utilization) },
            { term: t.telegram, value: telegram.configured ? t.telegramOn : t.telegramOff },
            {
              term: t.lag,
              wide: true,
              value: t.lagValue(short(eventLoop.lagP50Ms), short(eventLoop.lagP99Ms)),
            },
          ]}
        />
      </Panel>
      <Panel title={t.database}>
        <Facts
          facts={[
            { term: t.engine, value: { sqlite: 'SQLite', postgres: 'PostgreSQL' }[database.engine] },
            {
              term: t.answersIn,
              value:
                database.ok && database.latencyMs !== null
                  ? t.milliseconds(short(database.latencyMs))
                  : t.noAnswer,
            },
            {
              term: t.size,
              value: database.sizeBytes === null ? t.unknown : formats.bytes(database.sizeBytes),
            },
          ]}
        />
      </Panel>
      <Panel title={t.monitor}>
        <Facts
          facts={[
            {
              term: t.lastRun,
              value: monitor.lastRunAt === null ? t.neverRan : formats.age(monitor.lastRunAt, now),
            },
            ...(monitor.durationMs === null
              ? []
              : [
                  {
                    term: t.roundTook,
                    value: t.milliseconds(formats.number(Math.round(monitor.durationMs))),
                  },
                ]),
            { term: t.servers, value: count(monitor.servers) },
            { term: t.stale, value: count(monitor.stale) },
          ]}
        />
      </Panel>
      <Panel
        title={t.work}
        aside={
          <a {...linkTo('/tasks')} className={`${buttonClass('quiet')} -my-2 -mr-4`}>
            {t.allTasks}
          </a>
        }
      >
        <Facts
          facts={[
            { term: t.queued, value: count(tasks.queued) },
            { term: t.running, value: count(tasks.running) },
          ]}
        />
      </Panel>
      <Panel
        title={t.backups}
        aside={
          <a {...linkTo('/admin/backups')} className={`${buttonClass('quiet')} -my-2 -mr-4`}>
            {t.toBackups}
          </a>
        }
      >
        <Facts
          facts={[
            {
              term: t.lastBackup,
              wide: true,
              value: (
                <>
                  {backup.lastAt === null ? t.noBackup : formats.age(backup.lastAt, now)}
                  {backup.lastOk === false && <span className="text-down"> · {t.backupFailed}</span>}
                </>
              ),
            },
          ]}
        />
      </Panel>
      <VaultPanel vault={health.vault} />
    </div>
  );
}

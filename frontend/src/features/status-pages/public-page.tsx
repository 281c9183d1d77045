// What visitors see of a status page. It asks for nothing but the status of its link.
import type { PublicStatus } from '@buoy/contract';
import { numberedName, type PublicState } from '@buoy/contract/constants';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { PageHeading } from '../../ui/page-heading.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { VisibleText } from '../../ui/visible-text.tsx';
import { PublicServer } from './public-server.tsx';
import { StateIcon, toneOf } from './public-state.tsx';
import { publicTexts } from './public-texts.ts';
import { usePublicStatus } from './use-public-status.ts';

export function PublicPage({ token }: { token: string }) {
  const t = useTexts(publicTexts);
  const { status, hasFailed, isGone } = usePublicStatus(token);
  if (isGone)
    return (
      <>
        <PageHeading title={t.goneTitle}>{t.goneTitle}</PageHeading>
        <p className="mt-2 max-w-prose text-muted">{t.gone}</p>
      </>
    );
  return (
    <div className="space-y-4">
      <PageHeading title={status?.title ?? t.page} className="text-2xl">
        {status?.title ?? t.page}
      </PageHeading>
      {hasFailed && (
        <p role="alert" className="text-sm text-down">
          {t.failed}
        </p>
      )}
      {status !== null && <Shown status={status} />}
      {status === null && !hasFailed && <Skeleton label={t.loading} rows={4} />}
    </div>
  );
}

function Shown({ status }: { status: PublicStatus }) {
  const t = useTexts(publicTexts);
  const formats = useFormats();
  const sentences: Record<PublicState, string> = {
    ...{ up: t.allUp, degraded: t.someDown, down: t.allDown },
    ...{ maintenance: t.inMaintenance, unknown: t.nothingKnown },
  };
  const { state, updatedAt, maintenance } = status;
  // Without names each server has the number of its place.
  const names = status.servers.map(({ name }, index) =>
    name === numberedName(index + 1) ? t.server(index + 1) : name,
  );
  const shownName = (name: string) => names[status.servers.findIndex((one) => one.name === name)] ?? name;
  return (
    <>
      <p
        role="status"
        className={`flex items-center gap-3 rounded-lg px-4 py-3 text-lg font-semibold ${toneOf(state)}`}
      >
        <StateIcon state={state} className="size-6 shrink-0" />
        {sentences[state]}
      </p>
      {maintenance.length > 0 && (
        <section className="rounded-lg border border-line bg-surface px-4 py-3">
          <h2 className="font-semibold">{t.maintenanceTitle}</h2>
          <ul className="mt-1 space-y-1 text-sm">
            {maintenance.map(({ name, startsAt, until, active }, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: servers may share a name.
              <li key={index}>
                <VisibleText
                  text={
                    active
                      ? t.until(shownName(name), formats.moment(until))
                      : t.planned(shownName(name), formats.moment(startsAt), formats.moment(until))
                  }
                />
              </li>
            ))}
          </ul>
        </section>
      )}
      {status.servers.length === 0 && <p className="text-muted">{t.noServers}</p>}
      {status.servers.length > 0 && (
        <section>
          <h2 className="sr-only">{t.servers}</h2>
          <ul className="overflow-hidden rounded-lg border border-line bg-surface">
            {status.servers.map((server, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a server has nothing but its place.
              <PublicServer key={index} server={server} name={names[index] ?? server.name} />
            ))}
          </ul>
        </section>
      )}
      <p className="text-xs text-muted">{t.updated(formats.moment(updatedAt))}</p>
    </>
  );
}

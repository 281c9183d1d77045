// One server: who it is, how it is, and the sections about it.
import type { Server } from '@buoy/contract';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Suspense } from 'react';
import { isGone } from '../../api.ts';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import type { ServerSection } from '../../paths.ts';
import { serverSections } from '../../routes.tsx';
import { useServices } from '../../services.ts';
import { buttonClass } from '../../ui/button.tsx';
import { PageBoundary } from '../../ui/page-boundary.tsx';
import { PageHeading } from '../../ui/page-heading.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { Tags } from '../../ui/tags.tsx';
import { VisibleText } from '../../ui/visible-text.tsx';
import { ServerEventsProvider } from '../events/server-events.tsx';
import { addressOf } from './address-of.ts';
import { ForAdmins } from './for-admins.tsx';
import { Overview } from './overview.tsx';
import { SectionNavigation } from './section-navigation.tsx';
import { serverQuery } from './server-queries.ts';
import { CheckedAge, StateBadge } from './server-state.tsx';
import { serverTexts } from './texts.ts';

/**
 * @param section null: the overview
 * @param rest the path behind the section
 */
export function ServerPage({
  id,
  section,
  rest,
}: {
  id: string;
  section: ServerSection | null;
  rest: readonly string[];
}) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(serverTexts);
  const query = serverQuery(api, id);
  const { data, error } = useQuery(query);
  const server = isGone(error) ? undefined : data;
  return (
    <div className="space-y-4">
      <a {...linkTo('/')} className={`${buttonClass('quiet')} -ml-4 lg:hidden`}>
        ← {t.allServers}
      </a>
      {server === undefined && <PageHeading title={t.server}>{t.server}</PageHeading>}
      {error !== null && <ProblemNote problem={error} />}
      {server === undefined && error === null && <Skeleton label={t.loadingServer} rows={3} />}
      {server !== undefined && (
        <>
          <ServerHeader server={server} isOverview={section === null} />
          <SectionNavigation server={server} current={section} />
          <ServerEventsProvider
            serverId={server.id}
            onLost={() => void queries.invalidateQueries({ queryKey: query.queryKey })}
          >
            <PageBoundary>
              {section === null ? (
                <Overview server={server} />
              ) : (
                <Section key={section} server={server} section={section} rest={rest} />
              )}
            </PageBoundary>
          </ServerEventsProvider>
        </>
      )}
    </div>
  );
}

function Section({
  server,
  section,
  rest,
}: {
  server: Server;
  section: ServerSection;
  rest: readonly string[];
}) {
  const t = useTexts(serverTexts);
  const wanted = serverSections[section];
  if ('isForAdmins' in wanted && server.role === 'viewer') return <ForAdmins server={server} />;
  return (
    <Suspense fallback={<Skeleton label={t.loadingSection} rows={3} />}>
      <wanted.section server={server} rest={rest} />
    </Suspense>
  );
}

/** @param isOverview there is room for all of it, and the page itself tells what is wrong, with its repair */
function ServerHeader({ server, isOverview }: { server: Server; isOverview: boolean }) {
  const { name, username, status, tags, role, hostKey } = server;
  const formats = useFormats();
  const t = useTexts(serverTexts);
  const isShownBelow = isOverview && (status.state === 'down' || status.state === 'unreachable');
  return (
    <header>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <PageHeading title={name} className="min-w-0 text-xl">
          {name}
        </PageHeading>
        <StateBadge status={status} />
      </div>
      {isOverview && (
        <p className="mt-1 font-mono text-sm text-muted select-all">
          {username}@{addressOf(server)}
        </p>
      )}
      {!isShownBelow &&
        status.reasons.map((reason) => (
          <p key={reason} lang="en" className="mt-2 text-sm">
            <VisibleText text={formats.localTimes(reason)} />
          </p>
        ))}
      <p className="mt-1 text-xs text-muted">
        <CheckedAge checkedAt={status.checkedAt} /> · {t.yourRole(t[`role_${role}`])}
        {isOverview && hostKey !== null && (
          <>
            {' '}
            · {t.hostKey} <span className="font-mono">{hostKey.fingerprint}</span>
          </>
        )}
      </p>
      {isOverview && tags.length > 0 && <Tags tags={tags} />}
    </header>
  );
}

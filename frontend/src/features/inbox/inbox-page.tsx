// Requests that wait for a person, over all servers.
import type { AccessRequest, Inbox } from '@buoy/contract';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import type { PageProps } from '../../page-props.ts';
import { serverPath } from '../../paths.ts';
import { EmptyNote } from '../../ui/empty-note.tsx';
import { NotFound } from '../../ui/not-found.tsx';
import { PageHeading } from '../../ui/page-heading.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { VisibleText } from '../../ui/visible-text.tsx';
import { InboxList } from './inbox-list.tsx';
import { useInbox } from './inbox-queries.ts';
import { inboxLinkTexts } from './link-texts.ts';
import { inboxTexts } from './texts.ts';
import type { Asked } from './with-decided.ts';

export function InboxPage({ rest }: PageProps) {
  const t = useTexts(inboxTexts);
  const { inbox: title } = useTexts(inboxLinkTexts);
  const { mayAct, inbox } = useInbox();
  const { data, error } = inbox;
  if (rest.length > 0) return <NotFound />;
  return (
    <div className="mx-auto max-w-3xl space-y-4">
      <PageHeading title={title}>{title}</PageHeading>
      {error !== null && <ProblemNote problem={error} />}
      {mayAct === false && <EmptyNote title={t.nowhereTitle}>{t.nowhere}</EmptyNote>}
      {mayAct !== false && data === undefined && error === null && <Skeleton label={t.loading} rows={3} />}
      {data !== undefined && (
        <>
          {/* One list, and nothing above it: what comes must not move the buttons of what is there. */}
          <InboxList
            items={[...data.items, ...data.accessRequests.map(askedOf)]}
            label={t.waiting}
            namesServer
            empty={<EmptyNote title={t.emptyTitle}>{t.empty}</EmptyNote>}
          />
          <UnreachableServers {...data} />
        </>
      )}
    </div>
  );
}

function askedOf(request: AccessRequest): Asked {
  return { type: 'access', request };
}

function UnreachableServers({ items, unreachable }: Pick<Inbox, 'items' | 'unreachable'>) {
  const t = useTexts(inboxTexts);
  const asked = new Set(items.map(({ serverId }) => serverId));
  const silent = unreachable.filter(({ serverId }) => !asked.has(serverId));
  const withMore = unreachable.filter(({ serverId }) => asked.has(serverId));
  return (
    <>
      {silent.length > 0 && <ServersNote title={t.notAsked(silent.length)} servers={silent} />}
      {withMore.length > 0 && <ServersNote title={t.notAllShown(withMore.length)} servers={withMore} />}
    </>
  );
}

function ServersNote({ title, servers }: { title: string; servers: Inbox['unreachable'] }) {
  return (
    <section className="rounded-md border border-unreachable/40 bg-unreachable/8 px-4 py-3 text-sm">
      <p className="font-medium">{title}</p>
      <ul className="mt-1 space-y-1">
        {servers.map(({ serverId, serverName, reason }) => (
          <li key={serverId}>
            <p>
              <a {...linkTo(serverPath(serverId))} className="text-link underline">
                <VisibleText text={serverName} />
              </a>{' '}
              <span lang="en" className="text-muted">
                <VisibleText text={reason} />
              </span>
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}

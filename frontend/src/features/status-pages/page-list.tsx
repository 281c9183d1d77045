// The caller's status pages; for super-admins those of everybody.
import type { StatusPage } from '@buoy/contract';
import { useQuery } from '@tanstack/react-query';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { NEW_STATUS_PAGE_PATH, statusPagePath } from '../../paths.ts';
import { useServices } from '../../services.ts';
import { buttonClass } from '../../ui/button.tsx';
import { Copyable } from '../../ui/copyable.tsx';
import { EmptyNote } from '../../ui/empty-note.tsx';
import { PageHeading } from '../../ui/page-heading.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { useNow } from '../../ui/use-now.ts';
import { VisibleText } from '../../ui/visible-text.tsx';
import { useUser } from '../sign-in/use-user.ts';
import { statusPagesQuery } from './status-page-queries.ts';
import { statusPageTexts } from './texts.ts';

const MINUTE_MS = 60_000;

export function PageList() {
  const { api } = useServices();
  const t = useTexts(statusPageTexts);
  const { data, error } = useQuery(statusPagesQuery(api));
  return (
    <div className="mx-auto max-w-3xl space-y-3">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <PageHeading title={t.pages}>{t.pages}</PageHeading>
        <a {...linkTo(NEW_STATUS_PAGE_PATH)} className={buttonClass('primary')}>
          {t.add}
        </a>
      </div>
      <p className="max-w-prose text-sm text-muted">{t.intro}</p>
      {error !== null && <ProblemNote problem={error} />}
      {data === undefined && error === null && <Skeleton label={t.loading} rows={3} />}
      {data?.length === 0 && <EmptyNote title={t.emptyTitle}>{t.empty}</EmptyNote>}
      {data !== undefined && data.length > 0 && (
        <ul aria-label={t.pages} className="overflow-hidden rounded-lg border border-line bg-surface">
          {data.map((page) => (
            <PageRow key={page.id} page={page} />
          ))}
        </ul>
      )}
    </div>
  );
}

function PageRow({ page }: { page: StatusPage }) {
  const t = useTexts(statusPageTexts);
  const formats = useFormats();
  const user = useUser();
  const now = useNow(MINUTE_MS);
  const { id, title, tag, serverIds, url, createdBy, expiresAt, lastSeenAt } = page;
  const facts = [
    tag === null ? t.servers(serverIds?.length ?? 0) : t.withTag(tag),
    lastSeenAt === null ? t.neverSeen : t.seen(formats.age(lastSeenAt, now)),
    ...(expiresAt === null
      ? []
      : [Date.parse(expiresAt) <= now ? t.expired : t.expires(formats.moment(expiresAt))]),
    ...(createdBy === user?.id ? [] : [t.madeBy(createdBy)]),
  ];
  return (
    <li className="border-b border-line px-4 py-1 text-sm last:border-b-0">
      <a
        {...linkTo(statusPagePath(id))}
        className="-mx-4 block min-h-11 px-4 py-2 hover:bg-inset focus-visible:-outline-offset-2"
      >
        <span className="block font-medium">
          <VisibleText text={title} kind="name" />
        </span>
        <span className="block text-muted">
          <VisibleText text={facts.join(' · ')} />
        </span>
      </a>
      {url !== null && (
        <div className="flex items-center gap-4">
          <Copyable
            value={url}
            label={t.copyLink}
            name={t.copyLinkOf(title)}
            codeClass="min-w-0 flex-1 truncate text-xs"
          />
        </div>
      )}
    </li>
  );
}

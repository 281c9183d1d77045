// The caller's update policies, by their tags.
import type { UpdatePolicy } from '@buoy/contract';
import { useQuery } from '@tanstack/react-query';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { NEW_POLICY_PATH, policyPath } from '../../paths.ts';
import { useServices } from '../../services.ts';
import { buttonClass } from '../../ui/button.tsx';
import { EmptyNote } from '../../ui/empty-note.tsx';
import { PageHeading } from '../../ui/page-heading.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { VisibleText } from '../../ui/visible-text.tsx';
import { byName } from '../servers/server-order.ts';
import { serversQuery } from '../servers/server-queries.ts';
import { useUser } from '../sign-in/use-user.ts';
import { policiesQuery } from './policy-queries.ts';
import { policyTexts } from './texts.ts';
import { useWindowWords } from './use-window-words.ts';

export function PolicyList() {
  const { api } = useServices();
  const t = useTexts(policyTexts);
  const user = useUser();
  const { data, error } = useQuery(policiesQuery(api));
  const own = useQuery(serversQuery(api)).data?.filter(({ owner }) => owner?.id === user?.id);
  const policies = data?.toSorted((a, b) => byName.compare(a.tag, b.tag)) ?? [];
  return (
    <div className="mx-auto max-w-3xl space-y-3">
      <a {...linkTo('/rollouts')} className={`${buttonClass('quiet')} -ml-4`}>
        ← {t.rollouts}
      </a>
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <PageHeading title={t.policies}>{t.policies}</PageHeading>
        <a {...linkTo(NEW_POLICY_PATH)} className={buttonClass('primary')}>
          {t.add}
        </a>
      </div>
      <p className="max-w-prose text-sm text-muted">{t.intro}</p>
      {error !== null && <ProblemNote problem={error} />}
      {data === undefined && error === null && <Skeleton label={t.loading} rows={3} />}
      {data !== undefined && policies.length === 0 && <EmptyNote title={t.emptyTitle}>{t.empty}</EmptyNote>}
      {policies.length > 0 && (
        <ul aria-label={t.policies} className="overflow-hidden rounded-lg border border-line bg-surface">
          {policies.map((policy) => (
            <PolicyRow
              key={policy.tag}
              policy={policy}
              servers={own?.filter(({ tags }) => tags.includes(policy.tag)).length}
            />
          ))}
        </ul>
      )}
    </div>
  );
}

/** @param servers how many it applies to; undefined: not known yet */
function PolicyRow({ policy, servers }: { policy: UpdatePolicy; servers: number | undefined }) {
  const t = useTexts(policyTexts);
  const formats = useFormats();
  const windowWords = useWindowWords();
  const { tag, pinned, window, opensAt } = policy;
  return (
    <li className="border-b border-line last:border-b-0">
      <a
        {...linkTo(policyPath(tag))}
        className="grid min-h-11 grid-cols-[minmax(0,1fr)_auto] gap-x-3 gap-y-0.5 px-4 py-3 text-sm hover:bg-inset focus-visible:-outline-offset-2"
      >
        <span className="min-w-0 font-medium">
          <VisibleText text={tag} />
        </span>
        <span className="text-xs whitespace-nowrap text-muted">
          {servers !== undefined && t.servers(servers)}
        </span>
        <span className="col-span-2 min-w-0">
          {pinned === null ? t.anyVersion : <VisibleText text={t.pinnedTo(pinned)} />}
        </span>
        <span className="col-span-2 min-w-0 text-muted">
          {window === null ? t.anyTime : windowWords(window)}
          {window !== null && <> · {opensAt === null ? t.openNow : t.opensAt(formats.moment(opensAt))}</>}
        </span>
      </a>
    </li>
  );
}

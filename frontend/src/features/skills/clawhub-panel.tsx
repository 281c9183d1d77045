// Skills of ClawHub: searched from the server, installed as a task.
import type { ClawhubSkill, Server } from '@buoy/contract';
import { ApiError } from '@buoy/contract/client';
import { hasEnded } from '@buoy/contract/constants';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { serverPath } from '../../paths.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { EmptyNote } from '../../ui/empty-note.tsx';
import { controlClass } from '../../ui/field.tsx';
import { Panel } from '../../ui/panel.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { useFilters } from '../../ui/use-filters.ts';
import { VisibleText } from '../../ui/visible-text.tsx';
import { WorkingBar } from '../../ui/working-bar.tsx';
import type { WatchedTask } from '../tasks/use-task.ts';
import { clawhubEffect } from './clawhub-effect.ts';
import { clawhubQuery } from './skill-queries.ts';
import { skillsTexts } from './texts.ts';
import { useInstall } from './use-install.ts';

export function ClawhubPanel({ server, installation }: { server: Server; installation: WatchedTask }) {
  const { api } = useServices();
  const t = useTexts(skillsTexts);
  const [filters, setFilters] = useFilters(['q']);
  const [words, setWords] = useState(filters.q);
  const query = useQuery(clawhubQuery(api, server.id, filters.q));
  const search = (event: FormEvent) => {
    event.preventDefault();
    const wanted = words.trim();
    if (wanted === filters.q && wanted !== '') void query.refetch();
    else setFilters({ q: wanted });
  };
  return (
    <Panel title={t.clawhub}>
      <div className="space-y-4">
        <search>
          <form onSubmit={search} className="flex flex-wrap gap-2">
            <input
              type="search"
              aria-label={t.searchClawhub}
              placeholder={t.searchClawhub}
              maxLength={200}
              value={words}
              onChange={({ target }) => setWords(target.value)}
              className={`${controlClass} min-w-0 flex-1 basis-48`}
            />
            <Button type="submit" variant="primary" disabled={words.trim() === '' || query.isFetching}>
              {query.isFetching ? t.searching : t.search}
            </Button>
          </form>
        </search>
        {filters.q === '' && <p className="max-w-prose text-sm text-muted">{t.clawhubHint}</p>}
        {query.isFetching && (
          <>
            <WorkingBar label={t.searchingHint} />
            <Skeleton label={t.searching} rows={3} />
          </>
        )}
        {query.error !== null && !query.isFetching && <SearchProblem problem={query.error} server={server} />}
        {query.data !== undefined && !query.isFetching && (
          <Results
            server={server}
            results={query.data.results}
            words={filters.q}
            installation={installation}
          />
        )}
      </div>
    </Panel>
  );
}

/** A server without a way to the internet is no fault: it is often meant so. */
function SearchProblem({ problem, server }: { problem: Error; server: Server }) {
  const t = useTexts(skillsTexts);
  if (!(problem instanceof ApiError) || problem.code !== 'clawhub_unreachable')
    return <ProblemNote problem={problem} />;
  return (
    <div role="alert">
      <EmptyNote title={t.offlineTitle(server.name)}>
        <p>{t.offline}</p>
        {server.role !== 'viewer' && (
          <p className="mt-2">
            <a {...linkTo(serverPath(server.id, 'skills', 'upload'))} className="text-link underline">
              {t.offlineUpload}
            </a>
          </p>
        )}
      </EmptyNote>
    </div>
  );
}

function Results({
  server,
  results,
  words,
  installation,
}: {
  server: Server;
  results: readonly ClawhubSkill[];
  words: string;
  installation: WatchedTask;
}) {
  const t = useTexts(skillsTexts);
  const [asked, setAsked] = useState<ClawhubSkill | null>(null);
  const install = useInstall(server.id, installation, () => setAsked(null));
  const isBusy = installation.view !== null && !hasEnded(installation.view.task);
  return (
    <>
      <p role="status" className="text-sm text-muted">
        {results.length === 0 ? t.nothingFound(words) : t.found(results.length)}
        {server.role === 'viewer' && ` ${t.viewer}`}
      </p>
      <ul aria-label={t.clawhub} className="divide-y divide-line">
        {results.map((result) => (
          <li key={result.slug} className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2 py-3">
            <div className="min-w-0 flex-1 basis-56">
              <p className="flex flex-wrap items-baseline gap-x-2">
                <span className="font-medium">
                  <VisibleText text={result.name} />
                </span>
                {result.version !== null && (
                  <span className="text-sm text-muted">
                    <VisibleText text={result.version} />
                  </span>
                )}
                {result.official === true && (
                  <span className="text-sm font-medium text-up">{t.official}</span>
                )}
              </p>
              {result.summary !== null && (
                <p className="text-sm text-muted">
                  <VisibleText text={result.summary} />
                </p>
              )}
              <p className="font-mono text-xs text-muted">
                <VisibleText text={result.slug} />
              </p>
            </div>
            {server.role !== 'viewer' && (
              <Button
                aria-label={t.installNamed(result.name)}
                disabled={isBusy}
                onClick={() => {
                  install.reset();
                  setAsked(result);
                }}
              >
                {t.install}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {asked !== null && (
        <Confirm
          title={t.installTitle(asked.name, server.name)}
          action={install.isPending ? t.starting : t.install}
          isPending={install.isPending}
          problem={install.error}
          onConfirm={() => install.mutate({ source: 'clawhub', slug: asked.slug })}
          onClose={() => setAsked(null)}
        >
          {clawhubEffect(asked, t).map((sentence) => (
            <p key={sentence}>{sentence}</p>
          ))}
        </Confirm>
      )}
    </>
  );
}

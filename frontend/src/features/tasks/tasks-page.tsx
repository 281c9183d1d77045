// Tasks of all servers, and one of them.

import type { Server, Task } from '@buoy/contract';
import { taskStatuses } from '@buoy/contract/constants';
import { visibleText } from '@buoy/contract/visible-text';
import { useQuery } from '@tanstack/react-query';
import { useTexts } from '../../i18n/use-texts.ts';
import type { PageProps } from '../../page-props.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyNote } from '../../ui/empty-note.tsx';
import { controlClass, Field } from '../../ui/field.tsx';
import { NotFound } from '../../ui/not-found.tsx';
import { PageHeading } from '../../ui/page-heading.tsx';
import { useFilters } from '../../ui/use-filters.ts';
import { serversQuery } from '../servers/server-queries.ts';
import { TaskList } from './task-list.tsx';
import { TaskPage } from './task-page.tsx';
import { taskTexts } from './texts.ts';

export function TasksPage({ rest }: PageProps) {
  const [id, ...more] = rest;
  if (more.length > 0) return <NotFound />;
  return id === undefined ? <AllTasks /> : <TaskPage key={id} id={id} />;
}

function AllTasks() {
  const { api } = useServices();
  const t = useTexts(taskTexts);
  const servers = useQuery(serversQuery(api)).data;
  const [{ server: serverId, status: wanted }, setFilters] = useFilters(['server', 'status']);
  const status = taskStatuses.find((known) => known === wanted);
  const isFiltered = serverId !== '' || status !== undefined;
  const showAll = () => setFilters({ server: '', status: '' });
  return (
    <div className="mx-auto max-w-3xl">
      <PageHeading title={t.tasks}>{t.tasks}</PageHeading>
      <search aria-label={t.filters} className="mt-3 mb-4 grid gap-3 sm:grid-cols-2">
        <Field label={t.server}>
          {(control) => (
            <select
              {...control}
              className={controlClass}
              value={serverId}
              onChange={(event) => setFilters({ server: event.target.value })}
            >
              <option value="">{t.anyServer}</option>
              {optionsFor(servers ?? [], serverId).map(({ id, name }) => (
                <option key={id} value={id}>
                  {visibleText(name)}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label={t.state}>
          {(control) => (
            <select
              {...control}
              className={controlClass}
              value={status ?? ''}
              onChange={(event) => setFilters({ status: event.target.value })}
            >
              <option value="">{t.anyState}</option>
              {taskStatuses.map((known) => (
                <option key={known} value={known}>
                  {t[`status_${known}`]}
                </option>
              ))}
            </select>
          )}
        </Field>
      </search>
      <TaskList
        filter={{ serverId: serverId === '' ? undefined : serverId, status }}
        label={t.tasks}
        placeOf={(task) => placeOf(task, servers, t)}
        empty={
          isFiltered ? (
            <EmptyNote title={t.noMatchTitle}>
              <p>{t.noMatch}</p>
              <Button className="mt-3" onClick={showAll}>
                {t.resetFilters}
              </Button>
            </EmptyNote>
          ) : (
            <EmptyNote title={t.emptyTitle}>{t.empty}</EmptyNote>
          )
        }
      />
    </div>
  );
}

/** A server that the address names is among the choices, also before the list of servers is there. */
function optionsFor(servers: readonly Server[], wantedId: string): readonly { id: string; name: string }[] {
  if (wantedId === '' || servers.some(({ id }) => id === wantedId)) return servers;
  return [...servers, { id: wantedId, name: wantedId }];
}

function placeOf(
  { serverId }: Task,
  servers: readonly Server[] | undefined,
  t: { globalScope: string; unknownServer: string },
): string | null {
  if (serverId === null) return t.globalScope;
  if (servers === undefined) return null;
  return servers.find(({ id }) => id === serverId)?.name ?? t.unknownServer;
}

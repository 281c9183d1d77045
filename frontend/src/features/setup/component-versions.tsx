// The versions of OpenClaw, of what runs it and of Ollama, beside the newest ones; asked for when a person opens them.
import type { ComponentVersion, EffectivePolicy, Server } from '@buoy/contract';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { useServices } from '../../services.ts';
import { buttonClass } from '../../ui/button.tsx';
import { Facts } from '../../ui/facts.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { serversQuery } from '../servers/server-queries.ts';
import type { GatewayTasks } from '../servers/use-gateway-tasks.ts';
import { useUser } from '../sign-in/use-user.ts';
import { componentNames, type OfferedComponent, offeredComponents } from './component-names.ts';
import { updatesQuery } from './setup-queries.ts';
import { UpdateAction } from './update-action.tsx';
import { updateTexts } from './update-texts.ts';

export function ComponentVersions({ server, tasks }: { server: Server; tasks: GatewayTasks }) {
  const { api } = useServices();
  const t = useTexts(updateTexts);
  const user = useUser();
  const [isOpen, setIsOpen] = useState(false);
  const { data, error } = useQuery({ ...updatesQuery(api, server.id), enabled: isOpen });
  // As it was read for the list of servers; this panel asks for none.
  const servers = useQuery({ ...serversQuery(api), enabled: false }).data;
  const hasSeveral = servers === undefined || servers.filter(({ role }) => role !== 'viewer').length > 1;
  const openclaw = data?.components.find(({ component }) => component === 'openclaw');
  const behind = data === undefined ? [] : offeredComponents.flatMap((one) => offerOf(one, data.components));
  return (
    <details
      className="rounded-lg border border-line bg-surface px-4 py-1 sm:px-5"
      onToggle={(event) => setIsOpen(event.currentTarget.open)}
    >
      <summary className="min-h-11 content-center font-semibold">{t.versions}</summary>
      <div className="pb-3">
        {error !== null && <ProblemNote problem={error} />}
        {isOpen && data === undefined && error === null && <Skeleton label={t.askingVersions} rows={2} />}
        {data !== undefined && (
          <Facts
            facts={data.components.map((component) => ({
              term: componentNames[component.component],
              value: versionWords(t, component),
            }))}
          />
        )}
        {data !== undefined && openclaw !== undefined && (
          <PinNote policy={data.policy} pinned={openclaw.pinned} isOwn={server.owner?.id === user?.id} />
        )}
        {server.role !== 'viewer' && data !== undefined && behind.length > 0 && (
          <div className="flex flex-wrap items-center gap-x-2">
            {behind.map((offer) => (
              <UpdateAction key={offer.component} {...offer} {...{ server, tasks }} policy={data.policy} />
            ))}
            {hasSeveral && behind.some(({ component }) => component === 'openclaw') && (
              <a {...linkTo('/rollouts/new')} className={`${buttonClass('quiet')} mt-4`}>
                {t.updateSeveral}
              </a>
            )}
          </div>
        )}
      </div>
    </details>
  );
}

/** Its newest or pinned version, where it is behind that one. */
function offerOf(
  component: OfferedComponent,
  components: readonly ComponentVersion[],
): Array<{ component: OfferedComponent; version: string }> {
  const found = components.find((one) => one.component === component);
  const version = found?.pinned ?? found?.latest ?? null;
  return found?.behind === true && version !== null ? [{ component, version }] : [];
}

function versionWords(
  t: (typeof updateTexts)['en'],
  { current, latest, behind, pinned }: ComponentVersion,
): string {
  if (current === null) return t.noVersion;
  if (pinned !== null) return t.pinnedTo(current, pinned);
  if (behind === true && latest !== null) return t.newerIsOut(current, latest);
  return behind === false ? t.newestVersion(current) : current;
}

/** Which tags hold the server at a version, or keep it from any. @param isOwn whether the policies are the reader's */
function PinNote({
  policy: { pins },
  pinned,
  isOwn,
}: {
  policy: EffectivePolicy;
  pinned: string | null;
  isOwn: boolean;
}) {
  const t = useTexts(updateTexts);
  if (pins.length === 0) return null;
  const words =
    pinned === null
      ? t.pinsDiffer(pins.map(({ tag, version }) => t.pinOf(tag, version)).join(', '))
      : t.pinnedBy(pins.map(({ tag }) => tag).join(', '));
  return (
    <p className="mt-3 max-w-prose text-sm text-muted">
      {words}{' '}
      {isOwn && (
        <a {...linkTo('/update-policies')} className="text-link underline">
          {t.updatePolicies}
        </a>
      )}
    </p>
  );
}

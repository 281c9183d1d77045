// Who made a revision of the config, when, and by which way: by Buoy, outside of it, or by OpenClaw itself.
import type { ConfigOrigin, ConfigRevision, Server } from '@buoy/contract';
import { useQuery } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { membersQuery } from '../access/access-queries.ts';
import { historyTexts } from './history-texts.ts';

const tones: Record<ConfigOrigin, string> = {
  buoy: 'text-muted',
  outside: 'text-unreachable',
  openclaw: 'text-unreachable',
};

/** @returns what a person is called by their id: names are for admins, everybody knows themselves */
export function usePersonName(server: Server): (userId: string) => string {
  const { api, session } = useServices();
  const t = useTexts(historyTexts);
  const state = useSyncExternalStore(session.subscribe, session.state);
  const { data: members = [] } = useQuery({
    ...membersQuery(api, server.id),
    enabled: server.role !== 'viewer',
    refetchInterval: false,
  });
  return (userId) => {
    if (state.phase === 'signed-in' && state.user.id === userId) return t.you;
    const member = members.find((one) => one.userId === userId);
    return member?.firstName ?? member?.username ?? userId;
  };
}

export function RevisionWords({
  revision,
  personName,
}: {
  revision: ConfigRevision;
  personName: (userId: string) => string;
}) {
  const t = useTexts(historyTexts);
  const formats = useFormats();
  const { at, by, origin, note, valid } = revision;
  return (
    <>
      <span className="block text-sm text-muted">
        {formats.moment(at)}
        {by !== null && ` · ${personName(by)}`}
        {' · '}
        <span className={`font-medium ${tones[origin]}`}>{t[`origin_${origin}`]}</span>
        {!valid && <span className="font-medium text-down"> · {t.invalid}</span>}
      </span>
      {note !== null && <span className="block text-sm">{note}</span>}
    </>
  );
}

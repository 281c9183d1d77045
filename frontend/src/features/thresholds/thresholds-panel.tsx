// The thresholds of a server's checks: for it alone, or for all servers with one of its tags.
import type { Server } from '@buoy/contract';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Field } from '../../ui/field.tsx';
import { Panel } from '../../ui/panel.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Select } from '../../ui/select.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { thresholdTexts } from './texts.ts';
import { type ThresholdScope, thresholdsQuery } from './threshold-queries.ts';
import { ThresholdsForm } from './thresholds-form.tsx';

/** Unlike any tag, which is never empty. */
const SERVER = '';

export function ThresholdsPanel({ server }: { server: Server }) {
  const { api } = useServices();
  const t = useTexts(thresholdTexts);
  const [chosen, setChosen] = useState(SERVER);
  const tag = server.tags.includes(chosen) ? chosen : SERVER;
  const scope: ThresholdScope = tag === SERVER ? { serverId: server.id } : { tag };
  const { data, error } = useQuery(thresholdsQuery(api, scope));
  return (
    <Panel title={t.title}>
      <div className="space-y-4">
        <p className="max-w-prose text-sm text-muted">{t.about}</p>
        {server.tags.length > 0 && (
          <Field label={t.scope}>
            {(control) => (
              <Select
                {...control}
                value={tag}
                options={[
                  { value: SERVER, title: t.thisServer },
                  ...server.tags.map((one) => ({ value: one, title: t.withTag(one) })),
                ]}
                onChange={setChosen}
              />
            )}
          </Field>
        )}
        {error !== null && <ProblemNote problem={error} />}
        {data === undefined && error === null && <Skeleton label={t.loading} rows={6} />}
        {data !== undefined && (
          <ThresholdsForm key={tag} scope={scope} held={data.thresholds} servers={data.servers} />
        )}
      </div>
    </Panel>
  );
}

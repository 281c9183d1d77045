// Automatic repair in the settings of a server: on or off, how often a day, and what came of it.
import type { AutoRepair, Server } from '@buoy/contract';
import { AUTO_REPAIRS_A_DAY } from '@buoy/contract/constants';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Field } from '../../ui/field.tsx';
import { Panel } from '../../ui/panel.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Select } from '../../ui/select.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { Toggle } from '../../ui/toggle.tsx';
import { VisibleText } from '../../ui/visible-text.tsx';
import { AUTO_REPAIR, autoRepairQuery } from './repair-queries.ts';
import { repairTexts } from './texts.ts';

const counts = Array.from({ length: AUTO_REPAIRS_A_DAY.max - AUTO_REPAIRS_A_DAY.min + 1 }, (_, index) =>
  String(AUTO_REPAIRS_A_DAY.min + index),
);

export function AutoRepairPanel({ server }: { server: Server }) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(repairTexts);
  const { data, error } = useQuery(autoRepairQuery(api, server.id));
  const set = useMutation({
    mutationFn: (body: { enabled: boolean; perDay: number }) =>
      api.call('PUT /servers/:id/auto-repair', { params: { id: server.id }, body }),
    onSettled: () => queries.invalidateQueries({ queryKey: [AUTO_REPAIR, server.id] }),
    meta: { done: t.saved },
  });
  const problem = set.error ?? error;
  return (
    <Panel title={t.autoTitle}>
      <div className="space-y-3">
        <p className="max-w-prose text-sm text-muted">{t.autoAbout}</p>
        {problem !== null && <ProblemNote problem={problem} />}
        {data === undefined && error === null && <Skeleton label={t.loading} rows={2} />}
        {data !== undefined && (
          <>
            <Toggle
              label={t.autoLabel}
              checked={data.enabled}
              disabled={set.isPending}
              onChange={(enabled) => set.mutate({ enabled, perDay: data.perDay })}
            />
            <Field label={t.perDay}>
              {(control) => (
                <Select
                  {...control}
                  value={String(data.perDay)}
                  options={counts.map((value) => ({ value, title: value }))}
                  onChange={(perDay) => set.mutate({ enabled: data.enabled, perDay: Number(perDay) })}
                />
              )}
            </Field>
            <Outcome autoRepair={data} />
          </>
        )}
      </div>
    </Panel>
  );
}

function Outcome({
  autoRepair: { usedToday, perDay, setBy, lastAt, lastResult },
}: {
  autoRepair: AutoRepair;
}) {
  const t = useTexts(repairTexts);
  const formats = useFormats();
  return (
    <div className="space-y-1 text-sm text-muted">
      <p>{t.used(usedToday, perDay)}</p>
      {setBy !== null && (
        <p>
          {t.setBy} <VisibleText text={setBy.name} />
        </p>
      )}
      {lastAt !== null && lastResult !== null && (
        <p>
          {formats.moment(lastAt)}: {t[`last_${lastResult}`]}
        </p>
      )}
    </div>
  );
}

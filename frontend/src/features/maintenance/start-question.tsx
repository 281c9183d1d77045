// Starts or plans the maintenance of a server: for how long or when, and why.
import type { Server } from '@buoy/contract';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { controlClass, Field } from '../../ui/field.tsx';
import { fieldErrors } from '../../ui/field-errors.ts';
import { Select } from '../../ui/select.tsx';
import { TextInput } from '../../ui/text-input.tsx';
import { ownZone, TimeZoneField } from '../../ui/time-zone-field.tsx';
import { useDecisionKey } from '../../use-decision-key.ts';
import { WindowFields } from '../update-policies/window-fields.tsx';
import {
  beginsNow,
  emptyMaintenanceDraft,
  isComplete,
  lengths,
  type MaintenanceDraft,
  maintenanceRequestOf,
} from './maintenance-draft.ts';
import { maintenanceTexts } from './texts.ts';
import { useReadAgain } from './use-read-again.ts';

export function StartQuestion({ server, onClose }: { server: Server; onClose: () => void }) {
  const { api } = useServices();
  const t = useTexts(maintenanceTexts);
  const readAgain = useReadAgain(server.id);
  const decision = useDecisionKey();
  const [draft, setDraft] = useState(() => emptyMaintenanceDraft(ownZone));
  const change = (part: Partial<MaintenanceDraft>) => {
    decision.renew();
    setDraft({ ...draft, ...part });
  };
  const add = useMutation({
    mutationFn: () =>
      api.call('POST /servers/:id/maintenance', {
        params: { id: server.id },
        body: maintenanceRequestOf(draft, Date.now()),
        headers: decision.headers(),
      }),
    onSuccess: onClose,
    onError: decision.onError,
    meta: { done: t.started },
    onSettled: readAgain,
  });
  const errors = fieldErrors(add.error);
  const titles: Record<MaintenanceDraft['length'], string> = {
    ...{ 30: t.minutes30, 60: t.minutes60, 240: t.minutes240 },
    ...{ until: t.untilMoment, planned: t.planned, weekly: t.weekly, cron: t.byCron },
  };
  return (
    <Confirm
      title={t.startTitle(server.name)}
      action={beginsNow(draft) ? t.start : t.add}
      isPending={add.isPending}
      isBlocked={!isComplete(draft, Date.now())}
      problem={add.error}
      onConfirm={() => add.mutate()}
      onClose={onClose}
    >
      <Field label={t.length}>
        {(control) => (
          <Select
            {...control}
            value={draft.length}
            options={lengths.map((value) => ({ value, title: titles[value] }))}
            onChange={(value) => change({ length: lengths.find((one) => one === value) ?? draft.length })}
          />
        )}
      </Field>
      {draft.length === 'planned' && (
        <MomentField
          label={t.from}
          error={errors.from}
          value={draft.from}
          onChange={(from) => change({ from })}
        />
      )}
      {(draft.length === 'until' || draft.length === 'planned') && (
        <MomentField
          label={t.until}
          error={errors.to}
          value={draft.until}
          onChange={(until) => change({ until })}
        />
      )}
      {draft.length === 'cron' && (
        <>
          <Field label={t.cronLabel} hint={t.cronHint} error={errors.cron}>
            {(control) => (
              <TextInput
                {...control}
                maxLength={100}
                value={draft.cron}
                onChange={(cron) => change({ cron })}
              />
            )}
          </Field>
          <Field label={t.minutes} error={errors.minutes}>
            {(control) => (
              <TextInput
                {...control}
                inputMode="numeric"
                maxLength={5}
                value={draft.minutes}
                onChange={(minutes) => change({ minutes })}
              />
            )}
          </Field>
          <TimeZoneField value={draft.timezone} onChange={(timezone) => change({ timezone })} />
        </>
      )}
      {draft.length === 'weekly' && <WindowFields draft={draft} error={errors.weekly} onChange={change} />}
      <Field label={t.reason} hint={t.reasonHint} error={errors.reason}>
        {(control) => (
          <TextInput
            {...control}
            maxLength={200}
            value={draft.reason}
            onChange={(reason) => change({ reason })}
          />
        )}
      </Field>
    </Confirm>
  );
}

/** A moment in the time zone of this device. */
function MomentField({
  label,
  error,
  value,
  onChange,
}: {
  label: string;
  error: string | undefined;
  value: string;
  onChange: (moment: string) => void;
}) {
  return (
    <Field label={label} error={error}>
      {(control) => (
        <input
          {...control}
          type="datetime-local"
          required
          className={controlClass}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

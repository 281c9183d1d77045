// The filter form of the audit log. It queries on submit, not on each keystroke.
import { visibleText } from '@buoy/contract/visible-text';
import { type SubmitEvent, useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { Button } from '../../ui/button.tsx';
import { controlClass, Field } from '../../ui/field.tsx';
import { useWideScreen } from '../../ui/use-wide-screen.ts';
import { noAuditFilters, type WantedAudit } from './audit-filter.ts';
import { adminTexts } from './texts.ts';

type Choice = { id: string; name: string };

export function AuditFilters({
  wanted,
  people,
  servers,
  onApply,
}: {
  wanted: WantedAudit;
  people: readonly Choice[];
  servers: readonly Choice[];
  onApply: (wanted: WantedAudit) => void;
}) {
  const t = useTexts(adminTexts);
  const [draft, setDraft] = useState(wanted);
  const set = (change: Partial<WantedAudit>) => setDraft((current) => ({ ...current, ...change }));
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    onApply(draft);
  };
  const isWide = useWideScreen();
  const isFiltered = Object.values(wanted).some((value) => value !== '');
  return (
    <search aria-label={t.filters} className="block rounded-lg border border-line bg-surface px-4">
      <details open={isWide || isFiltered}>
        <summary className="min-h-11 content-center text-sm font-medium">{t.filters}</summary>
        <form onSubmit={submit} className="grid gap-3 pb-4 sm:grid-cols-6">
          <div className="sm:col-span-2">
            <Choose
              label={t.person}
              all={t.anybody}
              value={draft.user}
              choices={people}
              onChange={(user) => set({ user })}
            />
          </div>
          <div className="sm:col-span-2">
            <Choose
              label={t.server}
              all={t.anyServer}
              value={draft.server}
              choices={servers}
              onChange={(server) => set({ server })}
            />
          </div>
          <div className="sm:col-span-2">
            <Field label={t.action} hint={t.actionHint}>
              {(control) => (
                <input
                  {...control}
                  type="search"
                  maxLength={128}
                  autoCapitalize="none"
                  autoComplete="off"
                  spellCheck={false}
                  className={controlClass}
                  value={draft.action}
                  onChange={(event) => set({ action: event.target.value })}
                />
              )}
            </Field>
          </div>
          <div className="sm:col-span-2">
            <Moment label={t.from} value={draft.from} onChange={(from) => set({ from })} />
          </div>
          <div className="sm:col-span-2">
            <Moment label={t.to} value={draft.to} onChange={(to) => set({ to })} />
          </div>
          <div className="flex flex-wrap items-end gap-2 sm:col-span-2">
            <Button type="submit" variant="primary">
              {t.apply}
            </Button>
            {isFiltered && <Button onClick={() => onApply(noAuditFilters)}>{t.reset}</Button>}
          </div>
        </form>
      </details>
    </search>
  );
}

/** What the address names is among the choices, whether it is known or not. */
function Choose({
  label,
  all,
  value,
  choices,
  onChange,
}: {
  label: string;
  all: string;
  value: string;
  choices: readonly Choice[];
  onChange: (value: string) => void;
}) {
  const isKnown = value === '' || choices.some(({ id }) => id === value);
  return (
    <Field label={label}>
      {(control) => (
        <select
          {...control}
          className={controlClass}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        >
          <option value="">{all}</option>
          {!isKnown && <option value={value}>{visibleText(value)}</option>}
          {choices.map(({ id, name }) => (
            <option key={id} value={id}>
              {visibleText(name)}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

function Moment({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
}) {
  return (
    <Field label={label}>
      {(control) => (
        <input
          {...control}
          type="datetime-local"
          className={controlClass}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

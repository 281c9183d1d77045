// Filters people by name and status. It queries on submit, not on each keystroke.
import { type SubmitEvent, useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { Button } from '../../ui/button.tsx';
import { controlClass, Field } from '../../ui/field.tsx';
import { Select } from '../../ui/select.tsx';
import { peopleTexts } from './people-texts.ts';

/** As they stand in the address; empty where nothing is wanted. */
export type WantedPeople = { q: string; status: string };

export const statuses = ['pending', 'active', 'disabled'] as const;

export function PeopleFilters({
  wanted,
  onApply,
}: {
  wanted: WantedPeople;
  onApply: (wanted: WantedPeople) => void;
}) {
  const t = useTexts(peopleTexts);
  const [q, setQ] = useState(wanted.q);
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    onApply({ ...wanted, q: q.trim() });
  };
  const isFiltered = wanted.q !== '' || wanted.status !== '';
  return (
    <search aria-label={t.filters}>
      <form onSubmit={submit} className="grid gap-3 sm:grid-cols-[minmax(0,2fr)_minmax(0,1fr)_auto]">
        <Field label={t.search}>
          {(control) => (
            <input
              {...control}
              type="search"
              maxLength={100}
              autoCapitalize="none"
              autoComplete="off"
              spellCheck={false}
              className={controlClass}
              value={q}
              onChange={(event) => setQ(event.target.value)}
            />
          )}
        </Field>
        <Field label={t.status}>
          {(control) => (
            <Select
              {...control}
              value={wanted.status}
              options={[
                { value: '', title: t.everybody },
                ...statuses.map((status) => ({ value: status, title: t[`status_${status}`] })),
              ]}
              onChange={(status) => onApply({ q: q.trim(), status })}
            />
          )}
        </Field>
        <div className="flex flex-wrap items-end gap-2">
          <Button type="submit">{t.find}</Button>
          {isFiltered && (
            <Button
              variant="quiet"
              onClick={() => {
                setQ('');
                onApply({ q: '', status: '' });
              }}
            >
              {t.showAll}
            </Button>
          )}
        </div>
      </form>
    </search>
  );
}

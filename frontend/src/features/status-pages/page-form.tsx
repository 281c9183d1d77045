// The fields of a status page, for a new and an existing one.

import { useQuery } from '@tanstack/react-query';
import { type ReactNode, type SubmitEvent, useId } from 'react';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Field } from '../../ui/field.tsx';
import { fieldErrors } from '../../ui/field-errors.ts';
import { NameField } from '../../ui/name-field.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Select } from '../../ui/select.tsx';
import { SubmitButton } from '../../ui/submit-button.tsx';
import { TextInput } from '../../ui/text-input.tsx';
import { Toggle } from '../../ui/toggle.tsx';
import { byName, tagsIn } from '../servers/server-order.ts';
import { serversQuery } from '../servers/server-queries.ts';
import { type Expiry, isComplete, type PageDraft } from './page-draft.ts';
import { ServerChecks } from './server-checks.tsx';
import { statusPageTexts } from './texts.ts';

const dayChoices = [7, 30, 90, 365];

/**
 * @param keptUntil when the link of an existing page expires
 * @param aside beside the button that saves
 */
export function PageForm({
  draft,
  keptUntil,
  onChange,
  isChanged,
  isBusy,
  problem,
  onSubmit,
  aside,
}: {
  draft: PageDraft;
  keptUntil: string | null;
  onChange: (change: Partial<PageDraft>) => void;
  isChanged: boolean;
  isBusy: boolean;
  problem: Error | null;
  onSubmit: () => void;
  aside?: ReactNode;
}) {
  const { api } = useServices();
  const t = useTexts(statusPageTexts);
  const formats = useFormats();
  const listId = useId();
  const errors = fieldErrors(problem);
  const servers = (useQuery(serversQuery(api)).data ?? [])
    .filter(({ role }) => role !== 'viewer')
    .toSorted((a, b) => byName.compare(a.name, b.name));
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    onSubmit();
  };
  const expiries: Array<{ value: Expiry; title: string }> = [
    ...(keptUntil === null ? [] : [{ value: 'kept' as const, title: t.kept(formats.moment(keptUntil)) }]),
    { value: 'never', title: t.never },
    ...dayChoices.map((days) => ({ value: String(days) as Expiry, title: t.days(days) })),
  ];
  return (
    <form
      onSubmit={submit}
      autoComplete="off"
      className="space-y-5 rounded-lg border border-line bg-surface p-4 sm:p-5"
    >
      <fieldset disabled={isBusy} className="min-w-0 space-y-5">
        <NameField
          label={t.title}
          hint={t.titleHint}
          value={draft.title}
          onChange={(title) => onChange({ title })}
        />
        <div className="max-w-sm">
          <Field label={t.which}>
            {(control) => (
              <Select
                {...control}
                value={draft.by}
                options={[
                  { value: 'tag', title: t.byTag },
                  { value: 'servers', title: t.chosen },
                ]}
                onChange={(by) => onChange({ by: by === 'tag' ? 'tag' : 'servers' })}
              />
            )}
          </Field>
        </div>
        {draft.by === 'tag' ? (
          <div className="max-w-sm">
            <Field label={t.tag} hint={t.tagHint} error={errors.tag}>
              {(control) => (
                <>
                  <TextInput
                    {...control}
                    required
                    maxLength={40}
                    list={listId}
                    value={draft.tag}
                    onChange={(tag) => onChange({ tag })}
                  />
                  <datalist id={listId}>
                    {tagsIn(servers).map((tag) => (
                      <option key={tag} value={tag} />
                    ))}
                  </datalist>
                </>
              )}
            </Field>
          </div>
        ) : (
          <ServerChecks
            servers={servers}
            chosen={draft.serverIds}
            error={errors.serverIds}
            onChange={(serverIds) => onChange({ serverIds })}
          />
        )}
        <div className="max-w-sm space-y-5">
          <Field label={t.names}>
            {(control) => (
              <Select
                {...control}
                value={draft.names}
                options={[
                  { value: 'shown', title: t.shown },
                  { value: 'numbered', title: t.numbered },
                ]}
                onChange={(names) => onChange({ names: names === 'shown' ? 'shown' : 'numbered' })}
              />
            )}
          </Field>
          <Toggle
            label={t.history}
            hint={t.historyHint}
            checked={draft.showHistory}
            disabled={isBusy}
            onChange={(showHistory) => onChange({ showHistory })}
          />
          <Field label={t.expiry} error={errors.expiresInDays}>
            {(control) => (
              <Select
                {...control}
                value={draft.expiry}
                options={expiries}
                onChange={(expiry) => onChange({ expiry: expiry as Expiry })}
              />
            )}
          </Field>
        </div>
      </fieldset>
      {problem !== null && <ProblemNote problem={problem} />}
      <div className="flex flex-wrap items-center gap-2">
        <SubmitButton
          text={isBusy ? t.saving : t.save}
          isEnabled={isChanged && isComplete(draft)}
          isBusy={isBusy}
        />
        {aside}
      </div>
    </form>
  );
}

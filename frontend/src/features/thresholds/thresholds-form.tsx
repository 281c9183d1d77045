// The form for thresholds: an empty field inherits, and says what and from where.
import type { Threshold } from '@buoy/contract';
import { type ThresholdName, thresholdNames } from '@buoy/contract/threshold-limits';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { fieldErrors } from '../../ui/field-errors.ts';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { TextInput } from '../../ui/text-input.tsx';
import { useUnsaved } from '../../ui/use-unsaved.ts';
import { thresholdTexts } from './texts.ts';
import { changeOf, draftOf, type Held, invalidIn, type ThresholdDraft, typedOf } from './threshold-draft.ts';
import { THRESHOLDS, type ThresholdScope } from './threshold-queries.ts';

export function ThresholdsForm({
  scope,
  held,
  servers,
}: {
  scope: ThresholdScope;
  held: Held;
  servers: number;
}) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(thresholdTexts);
  /** null: nothing is typed, so that what others set appears. */
  const [typed, setTyped] = useState<ThresholdDraft | null>(null);
  const saved = draftOf(held);
  const draft = typed ?? saved;
  const change = changeOf(saved, draft);
  const isChanged = Object.keys(change).length > 0;
  const invalid = invalidIn(draft);
  useUnsaved(isChanged);
  const save = useMutation({
    mutationFn: () => {
      const body = { thresholds: change };
      return 'tag' in scope
        ? api.call('PUT /thresholds', { query: { tag: scope.tag }, body })
        : api.call('PUT /servers/:id/thresholds', { params: { id: scope.serverId }, body });
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: [THRESHOLDS] });
      setTyped(null);
    },
    meta: { done: t.saved },
  });
  const errors = fieldErrors(save.error, 'thresholds');
  const sourceOf = (name: ThresholdName, { value, from, tag, differs }: Threshold) => {
    const shown = `${typedOf(name, value)} ${t[`unit_${name}`]}`;
    if (differs) return t.differs(shown);
    if (from === 'tag' && 'serverId' in scope) return t.fromTag(shown, tag ?? '');
    return from === 'default' ? t.fromDefault(shown) : t.isSet;
  };
  return (
    <form
      autoComplete="off"
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      {'tag' in scope && <p className="max-w-prose text-sm">{t.ofTag(servers)}</p>}
      <div className="grid gap-4 sm:grid-cols-2">
        {thresholdNames.map((name) => (
          <Field
            key={name}
            label={`${t[`name_${name}`]} (${t[`unit_${name}`]})`}
            hint={sourceOf(name, held[name])}
            error={name === invalid ? t.notANumber : errors[name]}
          >
            {(control) => (
              <TextInput
                {...control}
                inputMode="decimal"
                maxLength={10}
                value={draft[name]}
                onChange={(text) => {
                  if (!save.isPending) save.reset();
                  setTyped({ ...draft, [name]: text });
                }}
              />
            )}
          </Field>
        ))}
      </div>
      {save.error !== null && <ProblemNote problem={save.error} />}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" disabled={!isChanged || invalid !== undefined || save.isPending}>
          {t.save}
        </Button>
        {isChanged && <Button onClick={() => setTyped(null)}>{t.discard}</Button>}
      </div>
    </form>
  );
}

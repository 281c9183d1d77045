// Canary, wave size and pause of a rollout, folded: the defaults suit nearly everyone.
import { useId, useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { Field } from '../../ui/field.tsx';
import type { FieldErrors } from '../../ui/field-errors.ts';
import { TextInput } from '../../ui/text-input.tsx';
import { emptyRolloutDraft, type RolloutDraft } from './rollout-draft.ts';
import { rolloutTexts } from './texts.ts';

const options = [
  { name: 'canary', pattern: '[0-9]{1,2}|100' },
  { name: 'waveSize', pattern: '[1-9][0-9]?|100' },
  { name: 'pauseS', pattern: '[0-9]{1,5}' },
] as const;

export function RolloutOptions({
  draft,
  errors,
  onChange,
}: {
  draft: RolloutDraft;
  errors: FieldErrors;
  onChange: (draft: RolloutDraft) => void;
}) {
  const t = useTexts(rolloutTexts);
  const id = useId();
  const [isWanted, setWanted] = useState(() =>
    options.some(({ name }) => draft[name] !== emptyRolloutDraft[name]),
  );
  const isOpen = isWanted || options.some(({ name }) => errors[name] !== undefined);
  return (
    <div>
      <button
        type="button"
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => setWanted(!isOpen)}
        className="-ml-2 min-h-11 px-2 text-sm text-muted"
      >
        <span aria-hidden="true">{isOpen ? '▾' : '▸'}</span> {t.options}
      </button>
      <div id={id} className="mt-2 grid gap-5 empty:hidden sm:grid-cols-3">
        {isOpen &&
          options.map(({ name, pattern }) => (
            <Field key={name} label={t[name]} hint={t[`${name}Hint`]} error={errors[name]}>
              {(control) => (
                <TextInput
                  {...control}
                  required
                  inputMode="numeric"
                  pattern={pattern}
                  value={draft[name]}
                  onChange={(value) => onChange({ ...draft, [name]: value })}
                />
              )}
            </Field>
          ))}
      </div>
    </div>
  );
}

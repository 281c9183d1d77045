// Port and versions of a setup, folded: the defaults suit nearly everyone.
import { useId, useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { Field } from '../../ui/field.tsx';
import { TextInput } from '../../ui/text-input.tsx';
import type { SetupFieldsProps } from './provider-fields.tsx';
import { emptySetupDraft, portOf } from './setup-draft.ts';
import { setupTexts } from './texts.ts';

/** @param onPort called with a new port once it is typed */
export function AdvancedFields({
  draft,
  onChange,
  onPort,
}: SetupFieldsProps & { onPort: (port: number) => void }) {
  const t = useTexts(setupTexts);
  const id = useId();
  const [isOpen, setOpen] = useState(
    () =>
      draft.port !== emptySetupDraft.port ||
      draft.node !== emptySetupDraft.node ||
      draft.openclaw !== emptySetupDraft.openclaw,
  );
  const port = portOf(draft);
  return (
    <div>
      <button
        type="button"
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => setOpen(!isOpen)}
        className="-ml-2 min-h-11 px-2 text-sm text-muted"
      >
        <span aria-hidden="true">{isOpen ? '▾' : '▸'}</span> {t.advanced}
      </button>
      <div id={id} className="mt-2 grid gap-5 empty:hidden sm:grid-cols-3">
        {isOpen && (
          <>
            <Field label={t.port}>
              {(control) => (
                <TextInput
                  {...control}
                  required
                  inputMode="numeric"
                  pattern="[0-9]{1,5}"
                  value={draft.port}
                  onChange={(value) => onChange({ port: value })}
                  onBlur={() => port !== null && onPort(port)}
                />
              )}
            </Field>
            <Field label={t.node} hint={t.nodeHint}>
              {(control) => (
                <TextInput
                  {...control}
                  required
                  pattern="\d{1,3}(\.\d{1,4}){0,2}"
                  value={draft.node}
                  onChange={(node) => onChange({ node })}
                />
              )}
            </Field>
            <Field label={t.openclaw} hint={t.openclawHint}>
              {(control) => (
                <TextInput
                  {...control}
                  required
                  pattern="latest|\d{1,6}(\.\d{1,6}){2}(-[0-9A-Za-z.\-]{1,64})?"
                  value={draft.openclaw}
                  onChange={(openclaw) => onChange({ openclaw })}
                />
              )}
            </Field>
          </>
        )}
      </div>
    </div>
  );
}

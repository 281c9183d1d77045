// Who downloads Node and OpenClaw; asked where the server itself cannot.
import { useTexts } from '../../i18n/use-texts.ts';
import { Field } from '../../ui/field.tsx';
import { Select } from '../../ui/select.tsx';
import type { SetupFieldsProps } from './provider-fields.tsx';
import { type DownloaderChoice, downloaders } from './setup-draft.ts';
import { setupTexts } from './texts.ts';

export function DownloaderField({ draft, onChange }: SetupFieldsProps) {
  const t = useTexts(setupTexts);
  return (
    <Field label={t.via} hint={t.viaHint}>
      {(control) => (
        <Select
          {...control}
          value={draft.via}
          options={downloaders.map((value) => ({ value, title: t[`via_${value}`] }))}
          // The options are these words.
          onChange={(via) => onChange({ via: via as DownloaderChoice })}
        />
      )}
    </Field>
  );
}

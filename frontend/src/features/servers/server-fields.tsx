// The form fields of a server: address, login and name.
import type { Server } from '@buoy/contract';
import { useTexts } from '../../i18n/use-texts.ts';
import { Field } from '../../ui/field.tsx';
import type { FieldErrors } from '../../ui/field-errors.ts';
import { TextInput } from '../../ui/text-input.tsx';
import { CredentialFields } from './credential-fields.tsx';
import { formTexts } from './form-texts.ts';
import { JumpField } from './jump-field.tsx';
import type { ServerDraft } from './server-draft.ts';

/**
 * @param jumpHosts those that this server may be reached through
 * @param kept how Buoy logs in today; null: not at all yet
 */
export function ServerFields({
  draft,
  errors,
  jumpHosts,
  kept,
  onChange,
}: {
  draft: ServerDraft;
  errors: FieldErrors;
  jumpHosts: readonly Server[];
  kept: Server['authType'] | null;
  onChange: (change: Partial<ServerDraft>) => void;
}) {
  const t = useTexts(formTexts);
  return (
    <>
      <div className="grid grid-cols-[minmax(0,1fr)_5.5rem] gap-5 sm:grid-cols-[minmax(0,1fr)_7rem]">
        <Field label={t.host} error={errors.host}>
          {(control) => (
            <TextInput {...control} required value={draft.host} onChange={(host) => onChange({ host })} />
          )}
        </Field>
        <Field label={t.port} error={errors.port}>
          {(control) => (
            <TextInput
              {...control}
              required
              inputMode="numeric"
              pattern="[0-9]{1,5}"
              value={draft.port}
              onChange={(port) => onChange({ port })}
            />
          )}
        </Field>
      </div>
      <div className="grid gap-5 sm:grid-cols-2">
        <Field label={t.username} error={errors.username}>
          {(control) => (
            <TextInput
              {...control}
              required
              value={draft.username}
              onChange={(username) => onChange({ username })}
            />
          )}
        </Field>
        <Field label={t.name} error={errors.name}>
          {(control) => (
            <TextInput
              {...control}
              required
              value={draft.name}
              onChange={(name) => onChange({ name, isNameTyped: true })}
            />
          )}
        </Field>
      </div>
      <CredentialFields draft={draft} errors={errors} kept={kept} onChange={onChange} />
      <Field label={t.tags} hint={t.tagsHint} error={errors.tags}>
        {(control) => <TextInput {...control} value={draft.tags} onChange={(tags) => onChange({ tags })} />}
      </Field>
      <JumpField draft={draft} error={errors.jumpServerId} jumpHosts={jumpHosts} onChange={onChange} />
    </>
  );
}

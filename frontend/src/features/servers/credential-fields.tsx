// Password or private key: the secret part of the form.
import { controlClass, Field } from '../../ui/field.tsx';
import type { FieldErrors, ServerDraft } from './server-draft.ts';

const authTypes = [
  { value: 'password', label: 'Password' },
  { value: 'key', label: 'Private key' },
] as const;

export function CredentialFields({
  draft,
  errors,
  onChange,
}: {
  draft: ServerDraft;
  errors: FieldErrors;
  onChange: (change: Partial<ServerDraft>) => void;
}) {
  return (
    <fieldset className="space-y-4">
      <legend className="mb-1 text-sm font-medium">Log in with</legend>
      <div className="flex flex-wrap gap-2">
        {authTypes.map(({ value, label }) => (
          <label
            key={value}
            className="flex min-h-11 cursor-pointer items-center gap-2 rounded-md border border-edge px-4 text-sm has-checked:border-accent has-checked:bg-accent/10"
          >
            <input
              type="radio"
              name="authType"
              className="size-4 accent-accent"
              checked={draft.authType === value}
              onChange={() => onChange({ authType: value })}
            />
            {label}
          </label>
        ))}
      </div>
      {draft.authType === 'password' ? (
        <Field label="Password" error={errors.password}>
          {(control) => (
            <input
              {...control}
              type="password"
              autoComplete="new-password"
              required
              className={controlClass}
              value={draft.password}
              onChange={(event) => onChange({ password: event.target.value })}
            />
          )}
        </Field>
      ) : (
        <>
          <Field
            label="Private key"
            hint="The whole file, from -----BEGIN to END-----; not the one that ends in .pub."
            error={errors.privateKey}
          >
            {(control) => (
              <textarea
                {...control}
                rows={6}
                required
                autoComplete="off"
                autoCapitalize="none"
                spellCheck={false}
                className={`${controlClass} font-mono text-sm`}
                value={draft.privateKey}
                onChange={(event) => onChange({ privateKey: event.target.value })}
              />
            )}
          </Field>
          <Field label="Passphrase of the key (if it has one)" error={errors.passphrase}>
            {(control) => (
              <input
                {...control}
                type="password"
                autoComplete="new-password"
                className={controlClass}
                value={draft.passphrase}
                onChange={(event) => onChange({ passphrase: event.target.value })}
              />
            )}
          </Field>
        </>
      )}
    </fieldset>
  );
}

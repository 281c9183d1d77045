// How Buoy logs in: the secret part of the form.
import type { Server } from '@buoy/contract';
import { useId } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { controlClass, Field } from '../../ui/field.tsx';
import type { FieldErrors } from '../../ui/field-errors.ts';
import { formTexts } from './form-texts.ts';
import { NewKeyFields } from './new-key-fields.tsx';
import type { CredentialChoice, ServerDraft } from './server-draft.ts';

const waysIn: readonly CredentialChoice[] = ['newKey', 'ownKey', 'password'];

/**
 * @param kept how Buoy logs in today; null: not at all yet
 * @param ways the ones to choose from
 */
export function CredentialFields({
  draft,
  errors,
  kept,
  ways = waysIn,
  onChange,
}: {
  draft: ServerDraft;
  errors: FieldErrors;
  kept: Server['authType'] | null;
  ways?: readonly CredentialChoice[];
  onChange: (change: Partial<ServerDraft>) => void;
}) {
  const t = useTexts(formTexts);
  const group = useId();
  return (
    <fieldset className="min-w-0 space-y-4">
      <legend className="mb-1 text-sm font-medium">{t.logInWith}</legend>
      <div className="flex flex-wrap gap-2">
        {(kept === null ? ways : (['kept', ...ways] as const)).map((way) => (
          <label
            key={way}
            className="flex min-h-11 cursor-pointer items-center gap-2 rounded-md border border-edge px-4 text-sm has-checked:border-accent has-checked:bg-accent/10"
          >
            <input
              type="radio"
              name={group}
              className="size-4 accent-accent"
              checked={draft.way === way}
              onChange={() => onChange({ way })}
            />
            {t[`way_${way}`]}
          </label>
        ))}
      </div>
      {draft.way === 'kept' && (
        <p className="text-sm text-muted">{kept === 'password' ? t.keptPassword : t.keptKey}</p>
      )}
      {/* What Buoy asks for in place of the stored secret. */}
      {draft.way === 'kept' && (errors.password ?? errors.privateKey) !== undefined && (
        <p className="text-sm text-down">{errors.password ?? errors.privateKey}</p>
      )}
      {draft.way === 'newKey' && <NewKeyFields draft={draft} onChange={onChange} />}
      {draft.way === 'password' && (
        <Field label={t.password} error={errors.password}>
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
      )}
      {draft.way === 'ownKey' && (
        <>
          <Field label={t.privateKey} hint={t.privateKeyHint} error={errors.privateKey}>
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
          <Field label={t.passphrase} error={errors.passphrase}>
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

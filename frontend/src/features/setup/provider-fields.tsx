// Which model provider the first config has, and what this provider needs.
import { useTexts } from '../../i18n/use-texts.ts';
import { controlClass, Field } from '../../ui/field.tsx';
import { Select } from '../../ui/select.tsx';
import { TextInput } from '../../ui/text-input.tsx';
import {
  type CompatibleApi,
  compatibilities,
  type ProviderChoice,
  providerChoices,
  questionsOf,
  type SetupDraft,
} from './setup-draft.ts';
import { setupTexts } from './texts.ts';

export type SetupFieldsProps = {
  draft: SetupDraft;
  onChange: (change: Partial<SetupDraft>) => void;
};

/** @param isKeyDeleted whether a key was sent before, so that it has to be entered again */
export function ProviderFields({
  draft,
  isKeyDeleted,
  onChange,
}: SetupFieldsProps & { isKeyDeleted: boolean }) {
  const t = useTexts(setupTexts);
  const { provider } = draft;
  const { apiKey, address, model } = questionsOf(provider);
  return (
    <>
      <Field label={t.provider} hint={provider === 'skip' ? t.skipHint : undefined}>
        {(control) => (
          <Select
            {...control}
            value={provider}
            options={providerChoices.map((value) => ({ value, title: t[`provider_${value}`] }))}
            // The options are these words.
            onChange={(value) => onChange({ provider: value as ProviderChoice })}
          />
        )}
      </Field>
      {address !== null && (
        <div className="grid gap-5 sm:grid-cols-[minmax(0,1fr)_12rem]">
          <Field label={t.address} hint={t.addressHint}>
            {(control) => (
              <TextInput
                {...control}
                type="url"
                inputMode="url"
                required
                pattern="https?://.+"
                value={draft.baseUrl}
                onChange={(baseUrl) => onChange({ baseUrl })}
              />
            )}
          </Field>
          <Field label={t.compatibility}>
            {(control) => (
              <Select
                {...control}
                value={draft.compatibility}
                options={compatibilities.map((value) => ({ value, title: t[`compatibility_${value}`] }))}
                onChange={(value) => onChange({ compatibility: value as CompatibleApi })}
              />
            )}
          </Field>
        </div>
      )}
      {model !== null && (
        <Field
          label={model === 'required' ? t.model : t.modelOptional}
          hint={provider === 'ollama' ? t.ollamaHint : t.modelHint}
        >
          {(control) => (
            <TextInput
              {...control}
              required={model === 'required'}
              maxLength={200}
              value={draft.model}
              onChange={(name) => onChange({ model: name })}
            />
          )}
        </Field>
      )}
      {apiKey !== null && (
        <Field
          label={apiKey === 'required' ? t.apiKey : t.apiKeyOptional}
          hint={isKeyDeleted && draft.apiKey === '' ? t.keyAgain : t.apiKeyHint}
        >
          {(control) => (
            <input
              {...control}
              type="password"
              required={apiKey === 'required'}
              // Keeps password managers from offering, or keeping, the password of Buoy.
              autoComplete="new-password"
              className={controlClass}
              value={draft.apiKey}
              onChange={(event) => onChange({ apiKey: event.target.value })}
            />
          )}
        </Field>
      )}
    </>
  );
}

// The fields of a new notification channel, by its type.
import { type WebhookTemplate, webhookTemplates } from '@buoy/contract/constants';
import { useTexts } from '../../i18n/use-texts.ts';
import { Field } from '../../ui/field.tsx';
import type { FieldErrors } from '../../ui/field-errors.ts';
import { Select } from '../../ui/select.tsx';
import { TextInput } from '../../ui/text-input.tsx';
import { addTexts } from './add-texts.ts';
import type { ChannelDraft, TypedChannelType } from './channel-draft.ts';

/** Names of products, the same in every language. */
const products: Record<Exclude<WebhookTemplate, 'json'>, string> = {
  ...{ slack: 'Slack', discord: 'Discord', ntfy: 'ntfy', teams: 'Microsoft Teams' },
};

type FieldsProps = {
  draft: ChannelDraft;
  errors: FieldErrors;
  onChange: (change: Partial<ChannelDraft>) => void;
};

export function ChannelFields({ type, ...fields }: FieldsProps & { type: TypedChannelType }) {
  switch (type) {
    case 'email':
      return <EmailFields {...fields} />;
    case 'webhook':
      return <WebhookFields {...fields} />;
    case 'telegram':
      return <TelegramFields {...fields} />;
  }
}

function EmailFields({ draft, errors, onChange }: FieldsProps) {
  const t = useTexts(addTexts);
  return (
    <div className="max-w-sm">
      <Field label={t.address} hint={t.addressHint} error={errors.address}>
        {(control) => (
          <TextInput
            {...control}
            type="email"
            required
            maxLength={254}
            autoComplete="email"
            value={draft.address}
            onChange={(address) => onChange({ address })}
          />
        )}
      </Field>
    </div>
  );
}

function WebhookFields({ draft, errors, onChange }: FieldsProps) {
  const t = useTexts(addTexts);
  return (
    <>
      <Field label={t.url} hint={t.urlHint} error={errors.url}>
        {(control) => (
          <TextInput
            {...control}
            type="url"
            required
            maxLength={1_000}
            pattern="\s*https?://.*"
            value={draft.url}
            onChange={(url) => onChange({ url })}
          />
        )}
      </Field>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={t.template}>
          {(control) => (
            <Select
              {...control}
              value={draft.template}
              options={webhookTemplates.map((value) => ({
                value,
                title: value === 'json' ? t.template_json : products[value],
              }))}
              onChange={(chosen) =>
                onChange({ template: webhookTemplates.find((one) => one === chosen) ?? draft.template })
              }
            />
          )}
        </Field>
        <LabelField {...{ draft, errors, onChange }} />
      </div>
    </>
  );
}

function TelegramFields({ draft, errors, onChange }: FieldsProps) {
  const t = useTexts(addTexts);
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={t.chatId} hint={t.chatIdHint} error={errors.chatId}>
          {(control) => (
            <TextInput
              {...control}
              required
              pattern="\s*-[1-9][0-9]{0,15}\s*"
              value={draft.chatId}
              onChange={(chatId) => onChange({ chatId })}
            />
          )}
        </Field>
        <Field label={t.threadId} hint={t.threadIdHint} error={errors.threadId}>
          {(control) => (
            <TextInput
              {...control}
              inputMode="numeric"
              pattern="\s*([1-9][0-9]{0,9}\s*)?"
              value={draft.threadId}
              onChange={(threadId) => onChange({ threadId })}
            />
          )}
        </Field>
      </div>
      <div className="max-w-sm">
        <LabelField {...{ draft, errors, onChange }} />
      </div>
    </>
  );
}

function LabelField({ draft, errors, onChange }: FieldsProps) {
  const t = useTexts(addTexts);
  return (
    <Field label={t.label} error={errors.label}>
      {(control) => (
        <TextInput
          {...control}
          maxLength={60}
          value={draft.label}
          onChange={(label) => onChange({ label })}
        />
      )}
    </Field>
  );
}

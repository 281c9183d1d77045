// The fields of one binding: a channel, which account of it, which conversation.
import { useTexts } from '../../i18n/use-texts.ts';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { Select } from '../../ui/select.tsx';
import { TextInput } from '../../ui/text-input.tsx';
import { agentRulesTexts } from './agent-rules-texts.ts';
import { type BindingRow, peerKinds } from './binding-row.ts';

/** @param channelList id of a list of known channels to choose from */
export function BindingFields({
  row,
  number,
  channelList,
  onChange,
  onRemove,
}: {
  row: BindingRow;
  number: number;
  channelList: string;
  onChange: (row: BindingRow) => void;
  onRemove: () => void;
}) {
  const t = useTexts(agentRulesTexts);
  const words = t.bindingNumber(number);
  return (
    <fieldset className="rounded-md border border-line px-4 pt-1 pb-4">
      <legend className="px-1 text-sm font-semibold">{words}</legend>
      <div className="grid items-start gap-4 sm:grid-cols-2 xl:grid-cols-4">
        <Field label={t.channel}>
          {(control) => (
            <TextInput
              {...control}
              required
              list={channelList}
              placeholder="telegram"
              value={row.channel}
              onChange={(channel) => onChange({ ...row, channel })}
            />
          )}
        </Field>
        <Field label={t.account} hint={t.accountHint}>
          {(control) => (
            <TextInput
              {...control}
              value={row.account}
              onChange={(account) => onChange({ ...row, account })}
            />
          )}
        </Field>
        <Field label={t.conversation}>
          {(control) => (
            <Select
              {...control}
              value={row.peerKind}
              onChange={(kind) => {
                const peerKind = peerKinds.find((one) => one === kind) ?? '';
                onChange({ ...row, peerKind, peerId: peerKind === '' ? '' : row.peerId });
              }}
              options={[
                { value: '', title: t.anyConversation },
                ...peerKinds.map((kind) => ({ value: kind, title: t[`peer_${kind}`] })),
              ]}
            />
          )}
        </Field>
        {row.peerKind !== '' && (
          <Field label={t.peerId}>
            {(control) => (
              <TextInput
                {...control}
                required
                value={row.peerId}
                onChange={(peerId) => onChange({ ...row, peerId })}
              />
            )}
          </Field>
        )}
      </div>
      <Button
        variant="danger"
        className="mt-3"
        aria-label={t.removeBinding(row.channel === '' ? words : row.channel)}
        onClick={onRemove}
      >
        {t.remove}
      </Button>
    </fieldset>
  );
}

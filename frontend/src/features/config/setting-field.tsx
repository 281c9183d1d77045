// One setting, with the control that fits its schema.
import type { ConfigNode } from '@buoy/contract';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { Field } from '../../ui/field.tsx';
import { Select } from '../../ui/select.tsx';
import { TextInput } from '../../ui/text-input.tsx';
import { VisibleText } from '../../ui/visible-text.tsx';
import { problemOf, type SettingPath, switchedChannel } from './setting-values.ts';
import { configTexts } from './texts.ts';

/**
 * @param node null until the schema is known: the field has its place already
 * @param value empty: left to OpenClaw
 */
export function SettingField({
  path,
  node,
  value,
  isEdited,
  onChange,
}: {
  path: string;
  node: ConfigNode | null;
  value: string;
  isEdited: boolean;
  onChange: (value: string) => void;
}) {
  const t = useTexts(configTexts);
  const formats = useFormats();
  const problem = node === null ? null : problemOf(value, node);
  const unset =
    node?.default == null || typeof node.default === 'object' ? t.unset : t.unsetIs(String(node.default));
  const choices = node?.types.includes('boolean')
    ? [
        { value: 'true', title: t.on },
        { value: 'false', title: t.off },
      ]
    : node?.enum?.map((one) => ({ value: String(one), title: String(one) }));
  return (
    <Field
      label={labelOf(t, path)}
      hint={
        <>
          <code className="font-mono text-xs">
            <VisibleText text={path} />
          </code>
          {node?.needsRestart === true && (
            <span className="ml-2 text-xs font-medium text-unreachable">{t.needsRestart}</span>
          )}
          {isEdited && <span className="ml-2 text-xs font-medium text-link">{t.unsaved}</span>}
        </>
      }
      error={
        problem === null
          ? undefined
          : problem === 'whole-number'
            ? t.wholeNumber
            : t.between(formats.number(problem.from), formats.number(problem.to))
      }
    >
      {(control) =>
        choices === undefined ? (
          <TextInput
            {...control}
            placeholder={unset}
            disabled={node === null}
            inputMode={node?.types.includes('integer') ? 'numeric' : 'text'}
            value={value}
            onChange={onChange}
          />
        ) : (
          <Select
            {...control}
            value={value}
            options={[{ value: '', title: unset }, ...choices]}
            onChange={onChange}
          />
        )
      }
    </Field>
  );
}

function labelOf(t: (typeof configTexts)['en'], path: string): string {
  const channel = switchedChannel(path);
  return channel === null ? t[path as SettingPath] : t.channelOn(channel);
}

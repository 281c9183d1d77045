// A name field: at most a hundred characters and not only spaces, as in the API.
import { Field } from './field.tsx';
import { TextInput } from './text-input.tsx';

export function NameField({
  label,
  hint,
  value,
  onChange,
}: {
  label: string;
  hint?: string;
  value: string;
  onChange: (value: string) => void;
}) {
  return (
    <div className="max-w-sm">
      <Field label={label} {...(hint === undefined ? {} : { hint })}>
        {(control) => (
          <TextInput
            {...control}
            required
            maxLength={100}
            pattern=".*\S.*"
            value={value}
            onChange={onChange}
          />
        )}
      </Field>
    </div>
  );
}

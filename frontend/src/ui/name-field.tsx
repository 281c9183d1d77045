// The name of a person or of a thing that a person has: a hundred characters at most, and not only spaces, as the API takes it.
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

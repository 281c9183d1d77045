// One line of plain text that no browser corrects: ids, addresses, commands.
import type { InputHTMLAttributes } from 'react';
import { controlClass } from './field.tsx';

export function TextInput({
  onChange,
  ...rest
}: Omit<InputHTMLAttributes<HTMLInputElement>, 'onChange'> & { onChange: (value: string) => void }) {
  return (
    <input
      type="text"
      autoComplete="off"
      autoCapitalize="none"
      autoCorrect="off"
      spellCheck={false}
      {...rest}
      className={controlClass}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

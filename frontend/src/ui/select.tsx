// A choice of one of several values, in the browser's own way.
import { visibleText } from '@buoy/contract/visible-text';
import { type ControlProps, controlClass } from './field.tsx';

export type Option = { value: string; title: string };

/** @param value shows as an option of its own when it is none of `options`: what stands somewhere is never hidden */
export function Select({
  value,
  options,
  onChange,
  ...control
}: ControlProps & { value: string; options: readonly Option[]; onChange: (value: string) => void }) {
  const isListed = options.some((option) => option.value === value);
  return (
    <select
      {...control}
      className={controlClass}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    >
      {!isListed && <option value={value}>{visibleText(value)}</option>}
      {options.map(({ value: one, title }) => (
        <option key={one} value={one}>
          {visibleText(title)}
        </option>
      ))}
    </select>
  );
}

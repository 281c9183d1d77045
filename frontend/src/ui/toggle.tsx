// A switch: on or off, in effect as soon as it is pressed.
import { useId } from 'react';
import { useServices } from '../services.ts';

export function Toggle({
  label,
  hint,
  isLabelHidden = false,
  checked,
  disabled = false,
  onChange,
}: {
  label: string;
  hint?: string;
  /** Where what stands beside it says the same. */
  isLabelHidden?: boolean;
  checked: boolean;
  disabled?: boolean;
  onChange: (checked: boolean) => void;
}) {
  const { telegram } = useServices();
  const id = useId();
  const hintId = `${id}-hint`;
  return (
    <div className="flex min-h-11 items-center justify-between gap-4">
      <span>
        <span id={id} className={isLabelHidden ? 'sr-only' : 'block text-sm font-medium'}>
          {label}
        </span>
        {hint !== undefined && (
          <span id={hintId} className="block text-sm text-muted">
            {hint}
          </span>
        )}
      </span>
      <button
        type="button"
        role="switch"
        aria-checked={checked}
        aria-labelledby={id}
        aria-describedby={hint === undefined ? undefined : hintId}
        disabled={disabled}
        onClick={() => {
          telegram?.haptic('selection');
          onChange(!checked);
        }}
        className="grid min-h-11 min-w-14 place-items-center rounded-md disabled:cursor-not-allowed disabled:opacity-55"
      >
        <span
          className={`block h-6 w-11 rounded-full border p-0.5 ${checked ? 'border-accent bg-accent' : 'border-edge bg-inset'}`}
        >
          <span
            className={`block size-4.5 rounded-full motion-safe:transition-transform ${checked ? 'translate-x-5 bg-on-accent' : 'bg-edge'}`}
          />
        </span>
      </button>
    </div>
  );
}

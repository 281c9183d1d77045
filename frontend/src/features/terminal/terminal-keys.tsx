// A row of keys that phone keyboards lack; hidden on wide screens without touch.
import { useTexts } from '../../i18n/use-texts.ts';
import { type ScreenKey, screenKeys } from './key-codes.ts';
import { terminalTexts } from './texts.ts';

/** What stands on the keys; those of words stand as words. */
const labels: Partial<Record<ScreenKey, string>> = {
  left: '←',
  up: '↑',
  down: '↓',
  right: '→',
  pipe: '|',
  slash: '/',
  tilde: '~',
  dash: '-',
};

const keyClass =
  'inline-flex min-h-11 min-w-11 shrink-0 items-center justify-center rounded-md border border-edge bg-surface px-2 font-mono text-sm aria-pressed:border-accent aria-pressed:bg-accent aria-pressed:text-on-accent';

export function TerminalKeys({
  isControlHeld,
  onControl,
  onKey,
}: {
  isControlHeld: boolean;
  onControl: (isHeld: boolean) => void;
  onKey: (key: ScreenKey) => void;
}) {
  const t = useTexts(terminalTexts);
  return (
    <fieldset
      aria-label={t.keys}
      // The focus stays where it is, and with it the phone's keyboard.
      onPointerDown={(event) => event.preventDefault()}
      className="flex flex-wrap gap-1 lg:hidden lg:any-pointer-coarse:flex"
    >
      <button
        type="button"
        aria-pressed={isControlHeld}
        className={keyClass}
        onClick={() => onControl(!isControlHeld)}
      >
        {t.control}
      </button>
      {screenKeys.map((key) => (
        <button
          key={key}
          type="button"
          aria-label={labels[key] === undefined ? undefined : t[`key_${key}`]}
          className={keyClass}
          onClick={() => onKey(key)}
        >
          {labels[key] ?? t[`key_${key}`]}
        </button>
      ))}
    </fieldset>
  );
}

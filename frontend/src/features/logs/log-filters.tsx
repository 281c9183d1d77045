// Filters log lines by level and text.
import type { LogLevel } from '@buoy/contract';
import { useTexts } from '../../i18n/use-texts.ts';
import { controlClass } from '../../ui/field.tsx';
import { levels } from './log-lines.ts';
import { logsTexts } from './texts.ts';

export function LogFilters({
  level,
  onLevel,
  text,
  onText,
}: {
  level: LogLevel | null;
  onLevel: (level: LogLevel | null) => void;
  text: string;
  onText: (text: string) => void;
}) {
  const t = useTexts(logsTexts);
  return (
    <div className="grid gap-2 sm:grid-cols-[12rem_minmax(0,1fr)]">
      <select
        aria-label={t.level}
        value={level ?? ''}
        onChange={({ target }) => onLevel(levels.find((one) => one === target.value) ?? null)}
        className={controlClass}
      >
        <option value="">{t.allLevels}</option>
        {levels.slice(1).map((one) => (
          <option key={one} value={one}>
            {t.fromLevel(one)}
          </option>
        ))}
      </select>
      <input
        type="search"
        aria-label={t.text}
        placeholder={t.text}
        value={text}
        onChange={({ target }) => onText(target.value)}
        className={controlClass}
      />
    </div>
  );
}

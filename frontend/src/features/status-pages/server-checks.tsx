// Chooses the servers of a status page, one by one.
import type { Server } from '@buoy/contract';
import { useId } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { VisibleText } from '../../ui/visible-text.tsx';
import { statusPageTexts } from './texts.ts';

/** @param servers those that the person is an admin of; others are left out of `chosen` with the next change */
export function ServerChecks({
  servers,
  chosen,
  error,
  onChange,
}: {
  servers: readonly Server[];
  chosen: readonly string[];
  error: string | undefined;
  onChange: (serverIds: string[]) => void;
}) {
  const t = useTexts(statusPageTexts);
  const errorId = useId();
  const known = servers.map(({ id }) => id);
  const toggle = (id: string, isOn: boolean) =>
    onChange(known.filter((one) => (one === id ? isOn : chosen.includes(one))));
  return (
    <fieldset aria-describedby={error === undefined ? undefined : errorId} className="min-w-0 space-y-2">
      <legend className="mb-1 text-sm font-medium">{t.chosen}</legend>
      {servers.length === 0 && <p className="text-sm text-muted">{t.noServers}</p>}
      <ul
        aria-label={t.chosen}
        className="grid max-h-[60dvh] gap-x-6 overflow-y-auto rounded-md border border-line px-3 py-1 empty:hidden sm:grid-cols-2"
      >
        {servers.map(({ id, name }) => (
          <li key={id}>
            <label className="flex min-h-11 cursor-pointer items-center gap-3 py-1 text-sm">
              <input
                type="checkbox"
                className="size-5 shrink-0 accent-accent"
                checked={chosen.includes(id)}
                onChange={(event) => toggle(id, event.target.checked)}
              />
              <span className="min-w-0 font-medium">
                <VisibleText text={name} kind="name" />
              </span>
            </label>
          </li>
        ))}
      </ul>
      <p role="status" className="text-sm text-muted">
        {t.selected(known.filter((id) => chosen.includes(id)).length)}
      </p>
      {error !== undefined && (
        <p id={errorId} role="alert" className="text-sm text-down">
          {error}
        </p>
      )}
    </fieldset>
  );
}

// Chooses servers: one by one, or a person's own ones with a tag, or that the filter shows.
import type { Server } from '@buoy/contract';
import { useId, useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { Field } from '../../ui/field.tsx';
import { TextInput } from '../../ui/text-input.tsx';
import { VisibleText } from '../../ui/visible-text.tsx';
import { found, tagsIn } from '../servers/server-order.ts';
import { useOwnerWords } from '../servers/use-owner-words.ts';
import { withChosen } from './rollout-draft.ts';
import { rolloutTexts } from './texts.ts';

/** With fewer, one sees them all at once. */
const SEARCH_FROM = 6;

export function ServerChoice({
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
  const t = useTexts(rolloutTexts);
  const errorId = useId();
  const [search, setSearch] = useState('');
  const ownerWords = useOwnerWords();
  const own = servers.filter((server) => ownerWords(server) === null);
  const shown = found(servers, { search, tags: [] });
  const ownShown = shown.filter((server) => own.includes(server));
  const isChosen = new Set(chosen);
  return (
    <fieldset aria-describedby={error === undefined ? undefined : errorId} className="min-w-0 space-y-3">
      <legend className="mb-1 text-sm font-medium">{t.servers}</legend>
      {servers.length >= SEARCH_FROM && (
        <Field label={t.search}>
          {(control) => (
            <TextInput
              {...control}
              type="search"
              value={search}
              onChange={setSearch}
              onKeyDown={(event) => {
                // Enter would ask for the plan.
                if (event.key === 'Enter') event.preventDefault();
              }}
            />
          )}
        </Field>
      )}
      <div className="flex flex-wrap gap-2">
        {/* Anybody may share a server with this person, under any name and tag: such ones are chosen one by one. */}
        {ownShown.length > 0 && (
          <Group
            title={
              ownShown.length < shown.length ? t.selectOwn(ownShown.length) : t.selectShown(shown.length)
            }
            servers={ownShown}
            chosen={chosen}
            onChange={onChange}
          />
        )}
        {tagsIn(own).map((tag) => {
          const tagged = own.filter(({ tags }) => tags.includes(tag));
          return (
            <Group
              key={tag}
              title={t.tagWith(tag, tagged.length)}
              servers={tagged}
              chosen={chosen}
              onChange={onChange}
            />
          );
        })}
      </div>
      {shown.length === 0 && <p className="text-sm text-muted">{t.noMatch}</p>}
      <ul
        aria-label={t.servers}
        className="grid max-h-[60dvh] gap-x-6 overflow-y-auto rounded-md border border-line px-3 py-1 empty:hidden sm:grid-cols-2"
      >
        {shown.map((server) => (
          <li key={server.id}>
            <label className="flex min-h-11 cursor-pointer items-center gap-3 py-1 text-sm">
              <input
                type="checkbox"
                className="size-5 shrink-0 accent-accent"
                checked={isChosen.has(server.id)}
                onChange={(event) => onChange(withChosen(chosen, [server.id], event.target.checked))}
              />
              <span className="min-w-0">
                <span className="block font-medium">
                  <VisibleText text={server.name} />
                </span>
                <span className="block text-xs text-muted">
                  <Version server={server} />
                  <Owner words={ownerWords(server)} />
                  {server.tags.map((tag) => (
                    <span key={tag}>
                      {' '}
                      · <VisibleText text={tag} />
                    </span>
                  ))}
                </span>
              </span>
            </label>
          </li>
        ))}
      </ul>
      <p role="status" className="text-sm text-muted">
        {t.selected(chosen.length, servers.length)}
      </p>
      {error !== undefined && (
        <p id={errorId} role="alert" className="text-sm text-down">
          {error}
        </p>
      )}
    </fieldset>
  );
}

function Owner({ words }: { words: string | null }) {
  return (
    words !== null && (
      <>
        {' '}
        · <VisibleText text={words} />
      </>
    )
  );
}

/** Chooses several servers with one press, and leaves them out with the next. */
function Group({
  title,
  servers,
  chosen,
  onChange,
}: {
  title: string;
  servers: readonly Server[];
  chosen: readonly string[];
  onChange: (serverIds: string[]) => void;
}) {
  const ids = servers.map(({ id }) => id);
  const isOn = ids.every((id) => chosen.includes(id));
  return (
    <button
      type="button"
      aria-pressed={isOn}
      onClick={() => onChange(withChosen(chosen, ids, !isOn))}
      className="min-h-11 max-w-full rounded-full border border-edge bg-surface px-4 text-sm text-muted hover:text-ink aria-pressed:border-accent aria-pressed:bg-accent aria-pressed:text-on-accent"
    >
      {isOn && <span aria-hidden="true">✓ </span>}
      {title}
    </button>
  );
}

function Version({ server: { openclaw } }: { server: Server }) {
  const t = useTexts(rolloutTexts);
  if (openclaw.installed === false) return t.noOpenclaw;
  return openclaw.version === null ? t.versionUnknown : <VisibleText text={openclaw.version} />;
}

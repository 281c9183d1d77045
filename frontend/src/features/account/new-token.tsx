// Creates an API token with name, scopes and expiry, and shows its secret once.
import type { Scope } from '@buoy/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type SubmitEvent, useId, useRef, useState, useSyncExternalStore } from 'react';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { controlClass, Field } from '../../ui/field.tsx';
import { Panel } from '../../ui/panel.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { ShownOnce } from '../../ui/shown-once.tsx';
import { useDecisionKey } from '../../use-decision-key.ts';
import { accountTexts } from './texts.ts';

const DAY_S = 86_400;
/** Days; 0: until it is revoked. */
const lifetimes = [1, 30, 90, 365, 0] as const;
type Days = (typeof lifetimes)[number];

type Draft = { name: string; scopes: readonly Scope[]; days: Days };
const empty: Draft = { name: '', scopes: ['read'], days: 90 };

export function NewToken() {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(accountTexts);
  const formats = useFormats();
  const [draft, setDraft] = useState<Draft>(empty);
  const [hasTried, setTried] = useState(false);
  /** After silence the same token is shown, not a second one made: the same key, and the same moment of its end. */
  const decision = useDecisionKey();
  const expiresAt = useRef<string | null>(null);
  const edit = (next: Draft) => {
    decision.renew();
    expiresAt.current = null;
    setDraft(next);
  };
  const create = useMutation({
    mutationFn: () =>
      api.call('POST /me/tokens', {
        headers: decision.headers(),
        body: {
          name: draft.name.trim(),
          scopes: [...draft.scopes],
          expiresAt: expiresAt.current,
        },
      }),
    onSuccess: () => {
      edit(empty);
      setTried(false);
    },
    onError: decision.onError,
    meta: { done: true },
    onSettled: () => queries.invalidateQueries({ queryKey: ['account', 'tokens'] }),
    // The secret goes with the page.
    gcTime: 0,
  });
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    setTried(true);
    if (draft.days !== 0)
      expiresAt.current ??= new Date(Date.now() + draft.days * DAY_S * 1000).toISOString();
    if (draft.scopes.length > 0) create.mutate();
  };
  if (create.data !== undefined) {
    const { name, secret } = create.data.token;
    return (
      <ShownOnce
        title={t.tokenMade(name)}
        note={t.tokenOnce}
        value={secret}
        copyLabel={t.copyToken}
        doneLabel={t.hideToken}
        onDone={create.reset}
      />
    );
  }
  return (
    <Panel title={t.newToken}>
      <form onSubmit={submit} autoComplete="off" className="space-y-4">
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={t.tokenName} hint={t.tokenNameHint}>
            {(control) => (
              <input
                {...control}
                type="text"
                required
                maxLength={100}
                pattern=".*\S.*"
                autoComplete="off"
                value={draft.name}
                onChange={(event) => edit({ ...draft, name: event.target.value })}
                className={controlClass}
              />
            )}
          </Field>
          <Field label={t.expiry}>
            {(control) => (
              <select
                {...control}
                className={controlClass}
                value={draft.days}
                onChange={(event) =>
                  edit({
                    ...draft,
                    days: lifetimes.find((days) => String(days) === event.target.value) ?? draft.days,
                  })
                }
              >
                {lifetimes.map((days) => (
                  <option key={days} value={days}>
                    {days === 0 ? t.never : t.expiresAfter(formats.duration(days * DAY_S))}
                  </option>
                ))}
              </select>
            )}
          </Field>
        </div>
        <Scopes
          chosen={draft.scopes}
          problem={hasTried && draft.scopes.length === 0 ? t.scopeNeeded : null}
          onChange={(scopes) => edit({ ...draft, scopes })}
        />
        {create.error !== null && <ProblemNote problem={create.error} />}
        <Button type="submit" variant="primary" disabled={create.isPending}>
          {create.isPending ? t.creatingToken : t.createToken}
        </Button>
      </form>
    </Panel>
  );
}

function Scopes({
  chosen,
  problem,
  onChange,
}: {
  chosen: readonly Scope[];
  problem: string | null;
  onChange: (scopes: readonly Scope[]) => void;
}) {
  const { session } = useServices();
  const t = useTexts(accountTexts);
  const id = useId();
  const state = useSyncExternalStore(session.subscribe, session.state);
  const isSuperAdmin = state.phase === 'signed-in' && state.user.isSuperAdmin;
  const scopes: readonly Scope[] = [
    'read',
    'operate',
    'admin',
    ...(isSuperAdmin ? (['metrics'] as const) : []),
  ];
  return (
    <fieldset aria-describedby={problem === null ? undefined : id}>
      <legend className="mb-1 text-sm font-medium">{t.scopes}</legend>
      <div className="grid gap-x-4 sm:grid-cols-2">
        {scopes.map((scope) => (
          <label key={scope} className="flex min-h-11 cursor-pointer items-start gap-3 py-2 text-sm">
            <input
              type="checkbox"
              className="mt-0.5 size-4.5 shrink-0 accent-accent"
              checked={chosen.includes(scope)}
              onChange={(event) =>
                onChange(event.target.checked ? [...chosen, scope] : chosen.filter((one) => one !== scope))
              }
            />
            <span>
              <span className="block font-medium">{t[`scope_${scope}`]}</span>
              <span className="text-muted">{t[`scopeHint_${scope}`]}</span>
            </span>
          </label>
        ))}
      </div>
      {problem !== null && (
        <p id={id} role="alert" className="mt-1 text-sm text-down">
          {problem}
        </p>
      )}
    </fieldset>
  );
}

// The first step of a bulk setup: the pasted list, and one login, tags and jump server for all of it.
import type { Server } from '@buoy/contract';
import { useTexts } from '../../i18n/use-texts.ts';
import { controlClass, Field } from '../../ui/field.tsx';
import { SubmitButton } from '../../ui/submit-button.tsx';
import { TextInput } from '../../ui/text-input.tsx';
import { CredentialFields } from '../servers/credential-fields.tsx';
import { JumpField } from '../servers/jump-field.tsx';
import type { CredentialChoice, ServerDraft } from '../servers/server-draft.ts';
import type { ListedServers } from './bulk-targets.ts';
import type { ServerLines } from './server-lines.ts';
import { bulkTexts } from './texts.ts';
import { useLineProblems } from './use-line-problems.ts';

/** A new key would have to be installed on every server before it is read here. */
export const loginWays: readonly CredentialChoice[] = ['password', 'ownKey'];

/** Lines with a problem that are named at once. */
const MAX_SHOWN = 8;

/**
 * @param read what `lines` says
 * @param listed the servers of `read`
 * @param jumpHosts those that the servers may be reached through
 */
export function ListForm({
  lines,
  read,
  listed,
  login,
  jumpHosts,
  onLines,
  onLogin,
  onSubmit,
}: {
  lines: string;
  read: ServerLines;
  listed: ListedServers;
  login: ServerDraft;
  jumpHosts: readonly Server[];
  onLines: (lines: string) => void;
  onLogin: (change: Partial<ServerDraft>) => void;
  onSubmit: () => void;
}) {
  const t = useTexts(bulkTexts);
  const problems = useLineProblems(read, listed);
  const [first, ...others] = problems;
  const { fresh, known } = listed;
  const count = fresh.length + known.length;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
      autoComplete="off"
      className="space-y-5 rounded-lg border border-line bg-surface p-4 sm:p-6"
    >
      <p className="max-w-prose text-sm text-muted">{t.lead}</p>
      <Field
        label={t.lines}
        error={first}
        hint={
          <>
            {others.length > 0 && (
              <ul className="space-y-0.5 text-down">
                {others.slice(0, MAX_SHOWN - 1).map((words) => (
                  <li key={words}>{words}</li>
                ))}
                {problems.length > MAX_SHOWN && <li>{t.moreProblems(problems.length - MAX_SHOWN)}</li>}
              </ul>
            )}
            <p>{t.linesHint}</p>
          </>
        }
      >
        {(control) => (
          <textarea
            {...control}
            rows={6}
            required
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            wrap="off"
            placeholder={'web-1 203.0.113.7\nweb-2 203.0.113.8:2222 deploy'}
            className={`${controlClass} font-mono text-sm`}
            value={lines}
            onChange={(event) => onLines(event.target.value)}
          />
        )}
      </Field>
      <p role="status" className="text-sm text-muted empty:hidden">
        {count > 0 && t.count(count)}
      </p>
      {known.length > 0 && (
        <p className="text-sm text-muted">{t.known(known.map(({ name }) => name).join(', '))}</p>
      )}
      <div className="sm:max-w-sm">
        <Field label={t.username} hint={t.usernameHint}>
          {(control) => (
            <TextInput
              {...control}
              required={read.servers.some(({ username }) => username === null)}
              maxLength={64}
              pattern="[^\-\s:][^\s:]*"
              value={login.username}
              onChange={(username) => onLogin({ username })}
            />
          )}
        </Field>
      </div>
      {/* Servers that are all in Buoy have their login. */}
      {(fresh.length > 0 || known.length === 0) && (
        <>
          <CredentialFields draft={login} errors={{}} kept={null} ways={loginWays} onChange={onLogin} />
          <Field label={t.tags} hint={t.tagsHint}>
            {(control) => (
              <TextInput {...control} value={login.tags} onChange={(tags) => onLogin({ tags })} />
            )}
          </Field>
        </>
      )}
      <JumpField draft={login} error={undefined} jumpHosts={jumpHosts} onChange={onLogin} />
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <SubmitButton
          text={fresh.length === 0 && known.length > 0 ? t.continueWith(count) : t.readKeys}
          isEnabled={count > 0 && problems.length === 0}
        />
        <p className="text-sm text-muted">{count === 0 ? t.noLines : t.secretsNote}</p>
      </div>
    </form>
  );
}

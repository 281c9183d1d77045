// Adding a server: paste the ssh line, give the secret, see at once whether Buoy gets in.
import { ApiError } from '@buoy/contract/client';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';
import { linkTo, navigate } from '../../navigation.ts';
import { useServices } from '../../services.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { controlClass, Field } from '../../ui/field.tsx';
import { PageHeading } from '../../ui/page-heading.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { CredentialFields } from './credential-fields.tsx';
import { emptyDraft, fieldErrors, newServerOf, type ServerDraft, withSshCommand } from './server-draft.ts';
import { connectionTestQuery, serversQuery } from './server-queries.ts';
import { parseSshCommand } from './ssh-command.ts';

export function AddServerPage() {
  const { api } = useServices();
  const queries = useQueryClient();
  const [draft, setDraft] = useState<ServerDraft>(emptyDraft);
  const set = (change: Partial<ServerDraft>) => setDraft((current) => ({ ...current, ...change }));
  const servers = useQuery(serversQuery(api)).data ?? [];
  const jumpHosts = servers.filter((server) => server.role !== 'viewer' && server.jumpServerId === null);

  const save = useMutation({
    mutationFn: () => api.call('POST /servers', { body: newServerOf(draft) }),
    onSuccess: ({ server }) => {
      // The server's page shows the result of the test, and its progress until then.
      void queries
        .prefetchQuery(connectionTestQuery(api, server.id))
        .then(() => queries.invalidateQueries({ queryKey: ['server', server.id] }));
      void queries.invalidateQueries({ queryKey: ['servers'] });
      navigate(`/servers/${server.id}`, { replace: true });
    },
  });
  const errors = save.error instanceof ApiError ? fieldErrors(save.error.details) : {};

  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    save.mutate();
  };

  return (
    <div className="mx-auto max-w-2xl">
      <a {...linkTo('/')} className={`${buttonClass('quiet')} -ml-4`}>
        ← All servers
      </a>
      <PageHeading title="Add server">Add server</PageHeading>
      <form
        onSubmit={submit}
        autoComplete="off"
        className="mt-4 space-y-5 rounded-lg border border-line bg-surface p-4 sm:p-6"
      >
        <SshCommandField
          value={draft.command}
          onChange={(command) => setDraft((current) => withSshCommand(current, command))}
        />
        <div className="grid gap-5 sm:grid-cols-[minmax(0,1fr)_7rem]">
          <Field label="Host" error={errors.host}>
            {(control) => (
              <TextInput {...control} required value={draft.host} onChange={(host) => set({ host })} />
            )}
          </Field>
          <Field label="Port" error={errors.port}>
            {(control) => (
              <TextInput
                {...control}
                required
                inputMode="numeric"
                pattern="[0-9]{1,5}"
                value={draft.port}
                onChange={(port) => set({ port })}
              />
            )}
          </Field>
        </div>
        <div className="grid gap-5 sm:grid-cols-2">
          <Field label="Login name" error={errors.username}>
            {(control) => (
              <TextInput
                {...control}
                required
                value={draft.username}
                onChange={(username) => set({ username })}
              />
            )}
          </Field>
          <Field label="Name in Buoy" error={errors.name}>
            {(control) => (
              <TextInput
                {...control}
                required
                value={draft.name}
                onChange={(name) => set({ name, isNameTyped: true })}
              />
            )}
          </Field>
        </div>
        <CredentialFields draft={draft} errors={errors} onChange={set} />
        <Field label="Tags (optional)" hint="Separated by commas." error={errors.tags}>
          {(control) => <TextInput {...control} value={draft.tags} onChange={(tags) => set({ tags })} />}
        </Field>
        {jumpHosts.length > 0 && (
          <Field label="Jump host" error={errors.jumpServerId}>
            {(control) => (
              <select
                {...control}
                className={controlClass}
                value={draft.jumpServerId}
                onChange={(event) => set({ jumpServerId: event.target.value })}
              >
                <option value="">None: Buoy connects directly</option>
                {jumpHosts.map(({ id, name }) => (
                  <option key={id} value={id}>
                    {name}
                  </option>
                ))}
              </select>
            )}
          </Field>
        )}
        {save.error !== null && <ProblemNote problem={save.error} />}
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
          <Button type="submit" look="primary" disabled={save.isPending}>
            {save.isPending ? 'Saving…' : 'Save and test'}
          </Button>
          <p className="text-sm text-muted">Password and key are stored encrypted and never shown again.</p>
        </div>
      </form>
    </div>
  );
}

function SshCommandField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const parsed = value.trim() === '' ? null : parseSshCommand(value);
  return (
    <Field
      label="Paste an address or an ssh command"
      hint={
        parsed?.ok === true && parsed.address.notes.length > 0 ? (
          <ul className="list-disc space-y-0.5 pl-5 text-ink">
            {parsed.address.notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        ) : (
          'It fills in the fields below.'
        )
      }
      error={parsed?.ok === false ? parsed.problem : undefined}
    >
      {(control) => (
        <TextInput
          {...control}
          placeholder="ssh -p 2222 deploy@203.0.113.7"
          value={value}
          onChange={onChange}
        />
      )}
    </Field>
  );
}

/** One line of plain text that no browser corrects. */
function TextInput({
  onChange,
  ...rest
}: Omit<React.InputHTMLAttributes<HTMLInputElement>, 'onChange'> & { onChange: (value: string) => void }) {
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

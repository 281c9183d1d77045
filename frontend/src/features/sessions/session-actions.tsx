// Actions on a session, each with its effect named first.
import type { OpenclawSession, Server } from '@buoy/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { navigate } from '../../navigation.ts';
import { serverPath } from '../../paths.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { uiTexts } from '../../ui/texts.ts';
import { useDecisionKey } from '../../use-decision-key.ts';
import { actionTexts } from './action-texts.ts';
import { sessionName } from './session-name.ts';
import { sessionListKey, sessionQuery, sessionsKey } from './session-queries.ts';
import { SessionSettings } from './session-settings.tsx';

type Act = 'settings' | 'compact' | 'reset' | 'remove';

/** @param onDone is given what an act has brought about, in words */
export function SessionActions({
  server,
  session,
  onDone,
}: {
  server: Server;
  session: OpenclawSession;
  onDone: (words: string) => void;
}) {
  const t = useTexts(actionTexts);
  const queries = useQueryClient();
  const { api } = useServices();
  const [open, setOpen] = useState<Act | 'menu' | null>(null);
  const close = () => setOpen(null);
  const done = (words: string, now: OpenclawSession) => {
    close();
    queries.setQueryData(sessionQuery(api, server.id, session.key).queryKey, {
      session: now,
      source: 'gateway',
      observedAt: new Date().toISOString(),
    });
    void queries.invalidateQueries({ queryKey: sessionsKey(server.id) });
    onDone(words);
  };
  const props = { server, session, onClose: close, onDone: done };
  return (
    <>
      <Button onClick={() => setOpen('menu')}>{t.actions}</Button>
      {open === 'menu' && <Menu session={session} onChoose={setOpen} onClose={close} />}
      {open === 'settings' && (
        <SessionSettings
          server={server}
          session={session}
          onChanged={(now) => done(t.saved, now)}
          onClose={close}
        />
      )}
      {open === 'compact' && <ConfirmCompact {...props} />}
      {open === 'reset' && <ConfirmReset {...props} />}
      {open === 'remove' && <ConfirmRemove server={server} session={session} onClose={close} />}
    </>
  );
}

function Menu({
  session,
  onChoose,
  onClose,
}: {
  session: OpenclawSession;
  onChoose: (act: Act) => void;
  onClose: () => void;
}) {
  const t = useTexts(actionTexts);
  const { close } = useTexts(uiTexts);
  const acts: Array<{ act: Act; title: string; hint: string }> = [
    { act: 'settings', title: t.settings, hint: t.settingsHint },
    { act: 'compact', title: t.compact, hint: t.compactHint },
    { act: 'reset', title: t.reset, hint: t.resetHint },
    ...(session.isMain ? [] : [{ act: 'remove' as const, title: t.remove, hint: t.removeHint }]),
  ];
  return (
    <Dialog title={t.actionsOf(sessionName(session))} onClose={onClose}>
      <ul className="mt-3 divide-y divide-line rounded-md border border-line">
        {acts.map(({ act, title, hint }) => (
          <li key={act}>
            <button
              type="button"
              onClick={() => onChoose(act)}
              className="block min-h-11 w-full px-4 py-2 text-left text-sm hover:bg-inset focus-visible:-outline-offset-2"
            >
              <span className={`block font-medium ${act === 'remove' ? 'text-down' : ''}`}>{title}</span>
              <span className="block text-muted">{hint}</span>
            </button>
          </li>
        ))}
      </ul>
      {session.isMain && <p className="mt-3 text-sm text-muted">{t.mainNote}</p>}
      <div className="mt-5 flex justify-end">
        <Button onClick={onClose}>{close}</Button>
      </div>
    </Dialog>
  );
}

type ActProps = {
  server: Server;
  session: OpenclawSession;
  onClose: () => void;
  onDone: (words: string, now: OpenclawSession) => void;
};

function ConfirmCompact({ server, session, onClose, onDone }: ActProps) {
  const { api } = useServices();
  const t = useTexts(actionTexts);
  const formats = useFormats();
  const decision = useDecisionKey();
  const compact = useMutation({
    mutationFn: () =>
      api.call('POST /servers/:id/openclaw/sessions/:key/compact', {
        params: { id: server.id, key: session.key },
        headers: decision.headers(),
      }),
    onSuccess: ({ compaction, session: now }) => {
      const { compacted, reason, tokensBefore } = compaction;
      const before = tokensBefore === null ? null : formats.number(tokensBefore);
      const { total, staleSinceCompaction } = now.tokens;
      // 2026.7.35 does not say that its count is the old one.
      const isCounted = total !== null && !staleSinceCompaction && total !== session.tokens.total;
      const after = isCounted ? formats.number(total) : null;
      if (!compacted) return onDone(reason === null ? t.notCompactedOnly : t.notCompacted(reason), now);
      if (before === null) return onDone(t.compactedOnly, now);
      onDone(after === null ? t.compactedUncounted(before) : t.compacted(before, after), now);
    },
    onError: decision.onError,
    meta: { done: true },
  });
  return (
    <Confirm
      title={t.compactTitle(sessionName(session))}
      action={t.compactNow}
      isPending={compact.isPending}
      problem={compact.error}
      onConfirm={() => compact.mutate()}
      onClose={onClose}
    >
      <p>{t.compactEffect(session.tokens.total === null ? '?' : formats.number(session.tokens.total))}</p>
      <p>{t.compactDuration}</p>
    </Confirm>
  );
}

function ConfirmReset({ server, session, onClose, onDone }: ActProps) {
  const { api } = useServices();
  const t = useTexts(actionTexts);
  const decision = useDecisionKey();
  const reset = useMutation({
    mutationFn: () =>
      api.call('POST /servers/:id/openclaw/sessions/:key/reset', {
        params: { id: server.id, key: session.key },
        headers: decision.headers(),
      }),
    onSuccess: ({ session: now }) => onDone(t.wasReset, now),
    onError: decision.onError,
    meta: { done: true },
  });
  return (
    <Confirm
      title={t.resetTitle(sessionName(session))}
      action={t.resetNow}
      isDestructive
      isPending={reset.isPending}
      problem={reset.error}
      onConfirm={() => reset.mutate()}
      onClose={onClose}
    >
      <p>{t.resetEffect}</p>
      <p>{t.resetLoss}</p>
    </Confirm>
  );
}

function ConfirmRemove({ server, session, onClose }: Omit<ActProps, 'onDone'>) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(actionTexts);
  const remove = useMutation({
    mutationFn: () =>
      api.call('DELETE /servers/:id/openclaw/sessions/:key', {
        params: { id: server.id, key: session.key },
      }),
    onSuccess: () => {
      navigate(serverPath(server.id, 'sessions'), { replace: true });
      queries.removeQueries({ queryKey: [...sessionsKey(server.id), 'messages', session.key] });
      queries.removeQueries({ queryKey: sessionQuery(api, server.id, session.key).queryKey });
      void queries.invalidateQueries({ queryKey: sessionListKey(server.id) });
    },
    meta: { done: t.removed(sessionName(session)) },
  });
  return (
    <Confirm
      title={t.removeTitle(sessionName(session))}
      action={t.removeNow}
      isDestructive
      isPending={remove.isPending}
      problem={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    >
      <p>{t.removeEffect}</p>
      <p>{t.removeArchive}</p>
    </Confirm>
  );
}

// The person's API tokens: last use, expiry, revocation.
import type { ApiToken } from '@buoy/contract';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { EmptyNote } from '../../ui/empty-note.tsx';
import { Panel } from '../../ui/panel.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { useNow } from '../../ui/use-now.ts';
import { VisibleText } from '../../ui/visible-text.tsx';
import { tokensQuery } from './account-queries.ts';
import { NewToken } from './new-token.tsx';
import { accountTexts } from './texts.ts';

export function TokensPanel() {
  const { api } = useServices();
  const t = useTexts(accountTexts);
  const { data, error } = useQuery(tokensQuery(api));
  const [unwanted, setUnwanted] = useState<ApiToken | null>(null);
  return (
    <>
      <p className="text-sm text-muted">
        {t.tokensHint}{' '}
        <a href="/api/docs" target="_blank" rel="noopener" className="text-link underline">
          {t.apiReference}
        </a>
      </p>
      {error !== null && <ProblemNote problem={error} />}
      {data === undefined && error === null && <Skeleton label={t.loadingTokens} rows={2} />}
      {data?.length === 0 && <EmptyNote title={t.noTokensTitle}>{t.noTokens}</EmptyNote>}
      {data !== undefined && data.length > 0 && (
        <Panel title={t.tokens}>
          <ul aria-label={t.tokens} className="divide-y divide-line">
            {data.map((token) => (
              <TokenRow key={token.id} token={token} onRevoke={() => setUnwanted(token)} />
            ))}
          </ul>
        </Panel>
      )}
      <NewToken />
      {unwanted !== null && <Revoke token={unwanted} onClose={() => setUnwanted(null)} />}
    </>
  );
}

function TokenRow({ token, onRevoke }: { token: ApiToken; onRevoke: () => void }) {
  const t = useTexts(accountTexts);
  const formats = useFormats();
  const now = useNow();
  const { name, scopes, createdAt, lastUsedAt, expiresAt } = token;
  const hasEnded = expiresAt !== null && Date.parse(expiresAt) <= now;
  const end = expiresAt === null ? t.endless : (hasEnded ? t.endedAt : t.endsAt)(formats.moment(expiresAt));
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 py-3 first:pt-0 last:pb-0">
      <div className="min-w-0 text-sm">
        <p>
          <span className="font-medium">
            <VisibleText text={name} />
          </span>{' '}
          <span className="text-muted">{scopes.map((scope) => t[`scope_${scope}`]).join(', ')}</span>
        </p>
        <p className="mt-0.5 text-xs text-muted">
          {lastUsedAt === null ? t.neverUsed : t.lastUsed(formats.age(lastUsedAt, now))} ·{' '}
          <span className={hasEnded ? 'text-down' : ''}>{end}</span> · {t.madeAt(formats.moment(createdAt))}
        </p>
      </div>
      <Button variant="danger" aria-label={t.revokeOf(name)} onClick={onRevoke}>
        {t.revoke}
      </Button>
    </li>
  );
}

function Revoke({ token, onClose }: { token: ApiToken; onClose: () => void }) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(accountTexts);
  const revoke = useMutation({
    mutationFn: () => api.call('DELETE /me/tokens/:id', { params: { id: token.id } }),
    onSuccess: onClose,
    meta: { done: t.revoked(token.name) },
    onSettled: () => queries.invalidateQueries({ queryKey: ['account', 'tokens'] }),
  });
  return (
    <Confirm
      title={t.revokeTitle(token.name)}
      action={t.revoke}
      isDestructive
      isPending={revoke.isPending}
      problem={revoke.error}
      onConfirm={() => revoke.mutate()}
      onClose={onClose}
    >
      <p>{t.revokeWhat}</p>
    </Confirm>
  );
}

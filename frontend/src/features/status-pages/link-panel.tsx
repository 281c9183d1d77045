// The link of a status page: to copy, to open, and to replace.
import type { StatusPage } from '@buoy/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Copyable } from '../../ui/copyable.tsx';
import { Panel } from '../../ui/panel.tsx';
import { STATUS_PAGES } from './status-page-queries.ts';
import { statusPageTexts } from './texts.ts';

export function LinkPanel({ page: { url, id } }: { page: StatusPage }) {
  const t = useTexts(statusPageTexts);
  return (
    <Panel title={t.link}>
      {url === null ? (
        <p className="text-sm">{t.noLink}</p>
      ) : (
        <>
          <div className="flex flex-wrap items-center gap-x-4 text-sm">
            <Copyable value={url} label={t.copyLink} codeClass="min-w-0 break-all" />
          </div>
          <p className="mt-2 text-sm text-muted">{t.linkHint}</p>
        </>
      )}
      <div className="mt-3 flex flex-wrap gap-2">
        {url !== null && (
          <a href={url} target="_blank" rel="noreferrer" className={buttonClass()}>
            {t.open}
          </a>
        )}
        <RotateLink id={id} />
      </div>
    </Panel>
  );
}

function RotateLink({ id }: { id: string }) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(statusPageTexts);
  const [asks, setAsks] = useState(false);
  const rotate = useMutation({
    mutationFn: () => api.call('POST /status-pages/:id/rotate', { params: { id } }),
    onSuccess: () => setAsks(false),
    meta: { done: t.rotated },
    onSettled: () => queries.invalidateQueries({ queryKey: [STATUS_PAGES] }),
  });
  return (
    <>
      <Button onClick={() => setAsks(true)}>{t.rotate}</Button>
      {asks && (
        <Confirm
          title={t.rotateTitle}
          action={t.rotate}
          isDestructive
          isPending={rotate.isPending}
          problem={rotate.error}
          onConfirm={() => rotate.mutate()}
          onClose={() => setAsks(false)}
        >
          <p>{t.rotateEffect}</p>
        </Confirm>
      )}
    </>
  );
}

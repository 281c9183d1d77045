// Removes a status page.
import type { StatusPage } from '@buoy/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { navigate } from '../../navigation.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { STATUS_PAGES } from './status-page-queries.ts';
import { statusPageTexts } from './texts.ts';

export function RemovePage({ page: { id, title } }: { page: StatusPage }) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(statusPageTexts);
  const [asks, setAsks] = useState(false);
  const remove = useMutation({
    mutationFn: () => api.call('DELETE /status-pages/:id', { params: { id } }),
    onSuccess: () => navigate('/status-pages', { replace: true }),
    meta: { done: t.removed(title) },
    onSettled: () => queries.invalidateQueries({ queryKey: [STATUS_PAGES] }),
  });
  return (
    <>
      <Button variant="danger" onClick={() => setAsks(true)}>
        {t.remove}
      </Button>
      {asks && (
        <Confirm
          title={t.removeTitle(title)}
          action={t.remove}
          isDestructive
          isPending={remove.isPending}
          problem={remove.error}
          onConfirm={() => remove.mutate()}
          onClose={() => setAsks(false)}
        >
          <p>{t.removeEffect}</p>
        </Confirm>
      )}
    </>
  );
}

// Removes an update policy.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { navigate } from '../../navigation.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { UPDATE_POLICIES } from './policy-queries.ts';
import { policyTexts } from './texts.ts';

export function RemovePolicy({ tag }: { tag: string }) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(policyTexts);
  const [asks, setAsks] = useState(false);
  const remove = useMutation({
    mutationFn: () => api.call('DELETE /update-policies/:tag', { params: { tag } }),
    onSuccess: () => navigate('/update-policies', { replace: true }),
    meta: { done: t.removed(tag) },
    onSettled: () => queries.invalidateQueries({ queryKey: [UPDATE_POLICIES] }),
  });
  return (
    <>
      <Button variant="danger" onClick={() => setAsks(true)}>
        {t.remove}
      </Button>
      {asks && (
        <Confirm
          title={t.removeTitle(tag)}
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

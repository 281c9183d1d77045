// Saves an update policy, and leads back to the list.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTexts } from '../../i18n/use-texts.ts';
import { navigate } from '../../navigation.ts';
import { useServices } from '../../services.ts';
import { type PolicyDraft, policyRequestOf } from './policy-draft.ts';
import { UPDATE_POLICIES } from './policy-queries.ts';
import { policyTexts } from './texts.ts';

/** @param version of the policy that the person saw; null: they saw none */
export function useSavePolicy(draft: PolicyDraft, version: number | null) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(policyTexts);
  return useMutation({
    mutationFn: (written: PolicyDraft) =>
      api.call('PUT /update-policies/:tag', {
        params: { tag: written.tag.trim() },
        body: policyRequestOf(written),
        ...(version === null ? {} : { headers: { 'if-match': `"${version}"` } }),
      }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: [UPDATE_POLICIES] });
      navigate('/update-policies', { replace: true });
    },
    meta: { done: t.saved(draft.tag.trim()) },
  });
}

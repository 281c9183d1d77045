// Saves a status page: a new one, or a change of one.
import type { StatusPage } from '@buoy/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTexts } from '../../i18n/use-texts.ts';
import { navigate } from '../../navigation.ts';
import { statusPagePath } from '../../paths.ts';
import { useServices } from '../../services.ts';
import { type PageDraft, pageRequestOf } from './page-draft.ts';
import { STATUS_PAGES } from './status-page-queries.ts';
import { statusPageTexts } from './texts.ts';

/** @param page as the person saw it; null: a new one. Saving a new one leads to its page, with its link; else to the list. */
export function useSavePage(draft: PageDraft, page: Pick<StatusPage, 'id' | 'version'> | null) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(statusPageTexts);
  return useMutation({
    mutationFn: (written: PageDraft) =>
      page === null
        ? api.call('POST /status-pages', { body: pageRequestOf(written) })
        : api.call('PUT /status-pages/:id', {
            params: { id: page.id },
            body: pageRequestOf(written),
            headers: { 'if-match': `"${page.version}"` },
          }),
    onSuccess: async ({ statusPage }) => {
      await queries.invalidateQueries({ queryKey: [STATUS_PAGES] });
      navigate(page === null ? statusPagePath(statusPage.id) : '/status-pages', { replace: true });
    },
    meta: { done: t.saved(draft.title.trim()) },
  });
}

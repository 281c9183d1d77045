// What a person chooses in a status page, and the request body.
import type { Contract, RequestOf, StatusPage } from '@buoy/contract';

type NewPage = RequestOf<Contract['POST /status-pages']>['body'];

/** In days; `never`, or `kept` as it is. */
export type Expiry = 'never' | 'kept' | '7' | '30' | '90' | '365';

export type PageDraft = {
  title: string;
  by: 'tag' | 'servers';
  /** As it is typed. */
  tag: string;
  serverIds: readonly string[];
  names: StatusPage['names'];
  showHistory: boolean;
  expiry: Expiry;
};

export const emptyPageDraft: PageDraft = {
  ...{ title: '', by: 'tag', tag: '', serverIds: [] },
  ...{ names: 'shown', showHistory: true, expiry: 'never' },
};

export function pageDraftOf(page: StatusPage): PageDraft {
  const { title, tag, serverIds, names, showHistory, expiresAt } = page;
  return {
    ...{ title, names, showHistory },
    by: tag === null ? 'servers' : 'tag',
    tag: tag ?? '',
    serverIds: serverIds ?? [],
    expiry: expiresAt === null ? 'never' : 'kept',
  };
}

export function isComplete({ title, by, tag, serverIds }: PageDraft): boolean {
  return title.trim() !== '' && (by === 'tag' ? tag.trim() !== '' : serverIds.length > 0);
}

/** What makes a page, and changes one. */
export function pageRequestOf(draft: PageDraft): NewPage {
  const { names, showHistory } = draft;
  return { title: draft.title.trim(), ...serversOf(draft), names, showHistory, ...expiryOf(draft) };
}

function serversOf({ by, tag, serverIds }: PageDraft): Pick<NewPage, 'tag' | 'serverIds'> {
  return by === 'tag' ? { tag: tag.trim() } : { serverIds: [...serverIds] };
}

function expiryOf({ expiry }: PageDraft): Pick<NewPage, 'expiresInDays'> {
  if (expiry === 'kept') return {};
  return { expiresInDays: expiry === 'never' ? null : Number(expiry) };
}

import type { StatusPage } from '@buoy/contract';
import { expect, it } from 'vitest';
import { emptyPageDraft, isComplete, pageDraftOf, pageRequestOf } from './page-draft.ts';

const page: StatusPage = {
  ...{ id: 'stp_1', title: 'Ours', tag: 'prod', serverIds: null, names: 'numbered', showHistory: false },
  ...{ url: null, createdBy: 'u_1', createdAt: '2026-03-01T10:00:00.000Z', lastSeenAt: null, version: 1 },
  expiresAt: '2026-04-01T10:00:00.000Z',
};

it('sends a page as it was read, and leaves out an expiry that stays', () => {
  expect(pageRequestOf(pageDraftOf(page))).toEqual({
    ...{ title: 'Ours', tag: 'prod', names: 'numbered', showHistory: false },
  });
  expect(pageRequestOf(pageDraftOf({ ...page, tag: null, serverIds: ['srv_1'], expiresAt: null }))).toEqual({
    ...{ title: 'Ours', serverIds: ['srv_1'], names: 'numbered', showHistory: false, expiresInDays: null },
  });
});

it('sends days as a number, and texts without spaces around them', () => {
  expect(pageRequestOf({ ...emptyPageDraft, title: ' a ', tag: ' b ', expiry: '30' })).toMatchObject({
    ...{ title: 'a', tag: 'b', expiresInDays: 30 },
  });
});

it('is complete with a title, and a tag or a server', () => {
  const titled = { ...emptyPageDraft, title: 'a' };
  expect(isComplete(emptyPageDraft)).toBe(false);
  expect(isComplete(titled)).toBe(false);
  expect(isComplete({ ...titled, tag: 'prod' })).toBe(true);
  expect(isComplete({ ...titled, by: 'servers', tag: 'prod' })).toBe(false);
  expect(isComplete({ ...titled, by: 'servers', serverIds: ['srv_1'] })).toBe(true);
});

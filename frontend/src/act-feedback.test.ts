import { MutationObserver, QueryClient } from '@tanstack/react-query';
import { describe, expect, it } from 'vitest';
import { createActFeedback } from './act-feedback.ts';
import { createAnnouncements } from './announcements.ts';

function world() {
  const felt: string[] = [];
  const said: string[] = [];
  const announcements = createAnnouncements();
  announcements.subscribe(() => said.push(announcements.latest()?.words ?? ''));
  const queries = new QueryClient({
    mutationCache: createActFeedback((feeling) => felt.push(feeling), announcements),
  });
  const act = (done: string | true | undefined, mutationFn: () => Promise<void>, onSuccess?: () => void) =>
    new MutationObserver(queries, {
      mutationFn,
      onSuccess,
      ...(done === undefined ? {} : { meta: { done } }),
    })
      .mutate()
      .catch(() => undefined);
  return { felt, said, act };
}

describe('an act', () => {
  it('that succeeds is felt and said, after the page has done its part', async () => {
    const { felt, said, act } = world();
    await act(
      'The key is removed.',
      async () => undefined,
      () => expect(said).toEqual([]),
    );
    expect(felt).toEqual(['success']);
    expect(said).toEqual(['The key is removed.']);
  });

  it('that the page tells of is felt only', async () => {
    const { felt, said, act } = world();
    await act(true, async () => undefined);
    expect(felt).toEqual(['success']);
    expect(said).toEqual([]);
  });

  it('that changes nothing is not felt', async () => {
    const { felt, act } = world();
    await act(undefined, async () => undefined);
    expect(felt).toEqual([]);
  });

  it('that fails is felt as a failure, and nothing says that it is done', async () => {
    const { felt, said, act } = world();
    await act('The key is removed.', () => Promise.reject(new Error('No.')));
    expect(felt).toEqual(['error']);
    expect(said).toEqual([]);
  });

  it('is said again when it is done again', async () => {
    const { said, act } = world();
    await act('Stopped.', async () => undefined);
    await act('Stopped.', async () => undefined);
    expect(said).toEqual(['Stopped.', 'Stopped.']);
  });
});

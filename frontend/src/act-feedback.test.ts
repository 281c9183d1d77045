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

describe('action feedback', () => {
  it('gives haptic feedback and an announcement after a success, once the page is updated', async () => {
    const { felt, said, act } = world();
    await act(
      'The key is removed.',
      async () => undefined,
      () => expect(said).toEqual([]),
    );
    expect(felt).toEqual(['success']);
    expect(said).toEqual(['The key is removed.']);
  });

  it('gives only haptic feedback when the page itself shows the result', async () => {
    const { felt, said, act } = world();
    await act(true, async () => undefined);
    expect(felt).toEqual(['success']);
    expect(said).toEqual([]);
  });

  it('gives no feedback when nothing changed', async () => {
    const { felt, act } = world();
    await act(undefined, async () => undefined);
    expect(felt).toEqual([]);
  });

  it('gives failure feedback and no announcement after an error', async () => {
    const { felt, said, act } = world();
    await act('The key is removed.', () => Promise.reject(new Error('No.')));
    expect(felt).toEqual(['error']);
    expect(said).toEqual([]);
  });

  it('announces a repeated action again', async () => {
    const { said, act } = world();
    await act('Stopped.', async () => undefined);
    await act('Stopped.', async () => undefined);
    expect(said).toEqual(['Stopped.', 'Stopped.']);
  });
});

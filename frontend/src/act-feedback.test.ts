import { MutationObserver, QueryClient } from '@tanstack/react-query';
import { describe, expect, it } from 'vitest';
import { createActFeedback } from './act-feedback.ts';
import { createAnnouncements } from './announcements.ts';

function fixture() {
  const haptics: string[] = [];
  const announced: string[] = [];
  const announcements = createAnnouncements();
  announcements.subscribe(() => announced.push(announcements.latest()?.words ?? ''));
  const queries = new QueryClient({
    mutationCache: createActFeedback((feeling) => haptics.push(feeling), announcements),
  });
  const act = (done: string | true | undefined, mutationFn: () => Promise<void>, onSuccess?: () => void) =>
    new MutationObserver(queries, {
      mutationFn,
      onSuccess,
      ...(done === undefined ? {} : { meta: { done } }),
    })
      .mutate()
      .catch(() => undefined);
  return { haptics, announced, act };
}

describe('action feedback', () => {
  it('gives haptic feedback and an announcement after a success, once the page is updated', async () => {
    const { haptics, announced, act } = fixture();
    await act(
      'The key is removed.',
      async () => undefined,
      () => expect(announced).toEqual([]),
    );
    expect(haptics).toEqual(['success']);
    expect(announced).toEqual(['The key is removed.']);
  });

  it('gives only haptic feedback when the page itself shows the result', async () => {
    const { haptics, announced, act } = fixture();
    await act(true, async () => undefined);
    expect(haptics).toEqual(['success']);
    expect(announced).toEqual([]);
  });

  it('gives no feedback when nothing changed', async () => {
    const { haptics, act } = fixture();
    await act(undefined, async () => undefined);
    expect(haptics).toEqual([]);
  });

  it('gives failure feedback and no announcement after an error', async () => {
    const { haptics, announced, act } = fixture();
    await act('The key is removed.', () => Promise.reject(new Error('No.')));
    expect(haptics).toEqual(['error']);
    expect(announced).toEqual([]);
  });

  it('announces a repeated action again', async () => {
    const { announced, act } = fixture();
    await act('Stopped.', async () => undefined);
    await act('Stopped.', async () => undefined);
    expect(announced).toEqual(['Stopped.', 'Stopped.']);
  });
});

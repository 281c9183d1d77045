// Screen reader announcements for events that the page itself does not show, such as a finished action or a copied text.

/** `id`: the same words once more are another announcement. */
export type Announcement = { id: number; words: string };

export type Announcements = {
  say(words: string): void;
  /** null: nothing has been said yet. */
  latest(): Announcement | null;
  subscribe(onChange: () => void): () => void;
};

export function createAnnouncements(): Announcements {
  const listeners = new Set<() => void>();
  let latest: Announcement | null = null;
  return {
    say(words) {
      latest = { id: (latest?.id ?? 0) + 1, words };
      for (const listener of listeners) listener();
    },
    latest: () => latest,
    subscribe(onChange) {
      listeners.add(onChange);
      return () => listeners.delete(onChange);
    },
  };
}

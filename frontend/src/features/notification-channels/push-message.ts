// What a push message shows, and which page of the app it leads to. It is read as input of a stranger: nothing in it can throw or lead elsewhere.

export type PushMessage = {
  title: string;
  options: {
    body: string;
    /** A later message about the same thing replaces the earlier one. */
    tag?: string;
    /** Stays until the person has seen it. */
    requireInteraction: boolean;
    /** A message that replaces another one is heard again. */
    renotify: boolean;
    /** The path of the page to open, as it was sent: `appUrl` reads it. */
    data: unknown;
  };
};

/**
 * @param payload as backend/src/notify/senders/web-push.ts writes it; null: the message has none
 * @param unreadable the sentence for a message that cannot be read
 */
export function pushMessage(payload: string | null, unreadable: string): PushMessage {
  const { title, body, tag, path, isCritical } = fieldsOf(payload);
  if (typeof title !== 'string' || title === '' || typeof body !== 'string')
    return {
      title: 'Buoy',
      options: { body: unreadable, requireInteraction: false, renotify: false, data: '/' },
    };
  const hasTag = typeof tag === 'string' && tag !== '';
  const isUrgent = isCritical === true;
  return {
    title,
    options: {
      body,
      ...(hasTag ? { tag } : {}),
      requireInteraction: isUrgent,
      // Browsers refuse it without a tag.
      renotify: isUrgent && hasTag,
      data: path,
    },
  };
}

/** The address of a path of the app; that of the first page for anything else. */
export function appUrl(path: unknown, origin: string): string {
  const home = `${origin}/`;
  // "//host" and "/\host" begin with the name of a host.
  if (typeof path !== 'string' || !/^\/(?![/\\])/.test(path)) return home;
  try {
    // "/<tab>/host" does so as well: only the parser of the browser knows all such forms.
    const url = new URL(path, origin);
    return url.origin === origin ? url.href : home;
  } catch {
    return home;
  }
}

/** The window of the app that is used for a message; undefined: none is open. @param windows the last used first */
export function appWindow<T extends { url: string }>(windows: readonly T[]): T | undefined {
  return windows.find(({ url }) => !new URL(url).pathname.startsWith('/api/'));
}

function fieldsOf(payload: string | null): Partial<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(payload ?? 'null');
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}

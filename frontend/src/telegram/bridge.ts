// The wire between a Mini App and the Telegram client around it, without Telegram's script: named events, both ways.
// Source: https://docs.telegram-mini-apps.com/platform/methods and telegram-web-app.js.

export type OutgoingEvents = {
  web_app_ready: undefined;
  web_app_expand: undefined;
  web_app_setup_back_button: { is_visible: boolean };
};

type Receiver = (name: string, data: unknown) => void;

/** What the clients put on `window`, and what they call on it. */
type TelegramWindow = {
  TelegramWebviewProxy?: { postEvent(name: string, json: string): void };
  external?: { notify?: (json: string) => void };
  Telegram?: { WebView?: { receiveEvent: Receiver } };
  TelegramGameProxy?: { receiveEvent: Receiver };
  TelegramGameProxy_receiveEvent?: Receiver;
};

export type Bridge = {
  post<K extends keyof OutgoingEvents>(
    name: K,
    ...data: OutgoingEvents[K] extends undefined ? [] : [OutgoingEvents[K]]
  ): void;
};

/** @param onEvent is told every event of the client; what it carries is not checked yet */
export function createBridge(page: Window, onEvent: Receiver): Bridge {
  const telegram = page as unknown as TelegramWindow;
  telegram.Telegram = { WebView: { receiveEvent: onEvent } };
  telegram.TelegramGameProxy = { receiveEvent: onEvent };
  telegram.TelegramGameProxy_receiveEvent = onEvent;
  page.addEventListener('message', (message) => {
    if (message.source !== page.parent || page.parent === page || typeof message.data !== 'string') return;
    const frame = parseFrame(message.data);
    if (frame !== null) onEvent(frame.eventType, frame.eventData);
  });
  return {
    post(name, ...[data]) {
      if (telegram.TelegramWebviewProxy !== undefined)
        telegram.TelegramWebviewProxy.postEvent(name, JSON.stringify(data ?? {}));
      else if (typeof telegram.external?.notify === 'function')
        telegram.external.notify(JSON.stringify({ eventType: name, eventData: data ?? {} }));
      // The web clients live on several hosts; nothing that we post is a secret.
      else if (page.parent !== page)
        page.parent.postMessage(JSON.stringify({ eventType: name, eventData: data ?? {} }), '*');
    },
  };
}

function parseFrame(text: string): { eventType: string; eventData: unknown } | null {
  try {
    const frame: unknown = JSON.parse(text);
    if (typeof frame !== 'object' || frame === null || !('eventType' in frame)) return null;
    if (typeof frame.eventType !== 'string') return null;
    return { eventType: frame.eventType, eventData: 'eventData' in frame ? frame.eventData : undefined };
  } catch {
    return null;
  }
}

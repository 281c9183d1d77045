// The event bridge between a Mini App and the Telegram client, without Telegram's script.
// Source: https://docs.telegram-mini-apps.com/platform/methods and telegram-web-app.js.
import { isAtLeast } from './version.ts';

export type BottomButtonParams =
  | { is_visible: false }
  | { is_visible: true; is_active: boolean; is_progress_visible: boolean; text: string };

export type HapticParams =
  | { type: 'notification'; notification_type: 'success' | 'warning' | 'error' }
  | { type: 'selection_change' };

export type PopupButton = { id: string } & (
  | { type: 'default' | 'destructive'; text: string }
  | { type: 'cancel' }
);

export type OutgoingEvents = {
  web_app_ready: undefined;
  web_app_expand: undefined;
  web_app_setup_back_button: { is_visible: boolean };
  web_app_setup_settings_button: { is_visible: boolean };
  web_app_setup_main_button: BottomButtonParams;
  web_app_setup_secondary_button: BottomButtonParams;
  /** #rrggbb */
  web_app_set_header_color: { color: string };
  web_app_set_background_color: { color: string };
  web_app_set_bottom_bar_color: { color: string };
  /** https only */
  web_app_open_link: { url: string };
  web_app_request_safe_area: undefined;
  web_app_request_content_safe_area: undefined;
  web_app_trigger_haptic_feedback: HapticParams;
  /** `title` up to 64 characters, `message` 1 to 256, 1 to 3 buttons. */
  web_app_open_popup: { title: string; message: string; buttons: PopupButton[] };
  web_app_setup_closing_behavior: { need_confirmation: boolean };
  web_app_setup_swipe_behavior: { allow_vertical_swipe: boolean };
  web_app_biometry_get_info: undefined;
  /** `reason` up to 128 characters, as in the next two. */
  web_app_biometry_request_access: { reason: string };
  web_app_biometry_request_auth: { reason: string };
  /** `token` empty: forget it. */
  web_app_biometry_update_token: { token: string; reason: string };
  web_app_biometry_open_settings: undefined;
  web_app_hide_keyboard: undefined;
};

/** The version that brought each event; those that are not here were there from the start. */
const knownSince: Partial<Record<keyof OutgoingEvents, string>> = {
  web_app_setup_back_button: '6.1',
  web_app_set_background_color: '6.1',
  web_app_trigger_haptic_feedback: '6.1',
  web_app_open_popup: '6.2',
  web_app_setup_closing_behavior: '6.2',
  // Before, it took two of Telegram's own colours by name only.
  web_app_set_header_color: '6.9',
  web_app_setup_settings_button: '6.10',
  web_app_biometry_get_info: '7.2',
  web_app_biometry_request_access: '7.2',
  web_app_biometry_request_auth: '7.2',
  web_app_biometry_update_token: '7.2',
  web_app_biometry_open_settings: '7.2',
  web_app_setup_swipe_behavior: '7.7',
  web_app_setup_secondary_button: '7.10',
  web_app_set_bottom_bar_color: '7.10',
  web_app_request_safe_area: '8.0',
  web_app_request_content_safe_area: '8.0',
  web_app_hide_keyboard: '9.1',
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
  /** Whether there is a client that is new enough to know an event. */
  knows(name: keyof OutgoingEvents): boolean;
  /** Sends an event to the client, unless the client is too old to know it. */
  post<K extends keyof OutgoingEvents>(
    name: K,
    ...data: OutgoingEvents[K] extends undefined ? [] : [OutgoingEvents[K]]
  ): void;
};

/** Whether a Telegram client stands around the page. Only Telegram's pages may show Buoy in a frame: see the policy `frame-ancestors`. */
export function hasTelegramClient(page: Window): boolean {
  const telegram = page as unknown as TelegramWindow;
  return (
    telegram.TelegramWebviewProxy !== undefined ||
    typeof telegram.external?.notify === 'function' ||
    page.parent !== page
  );
}

/**
 * @param version of the client, null when it tells none
 * @param onEvent called with every event of the client; its data is not checked yet
 */
export function createBridge(page: Window, version: string | null, onEvent: Receiver): Bridge {
  const telegram = page as unknown as TelegramWindow;
  telegram.Telegram = { WebView: { receiveEvent: onEvent } };
  telegram.TelegramGameProxy = { receiveEvent: onEvent };
  telegram.TelegramGameProxy_receiveEvent = onEvent;
  page.addEventListener('message', (message) => {
    if (message.source !== page.parent || page.parent === page || typeof message.data !== 'string') return;
    const frame = parseFrame(message.data);
    if (frame !== null) onEvent(frame.eventType, frame.eventData);
  });
  const knows = (name: keyof OutgoingEvents): boolean =>
    hasTelegramClient(page) && isAtLeast(version, knownSince[name] ?? '0');
  return {
    knows,
    post(name, ...[data]) {
      if (!knows(name)) return;
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

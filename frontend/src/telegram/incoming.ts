// Parses events of the Telegram client before they are used.
// Source: https://docs.telegram-mini-apps.com/platform/events and telegram-web-app.js.
import { type ThemeParams, themeOf } from './launch-params.ts';

/** CSS pixels from each edge that something covers. */
export type Insets = { top: number; right: number; bottom: number; left: number };

export type BiometryInfo = {
  isAvailable: boolean;
  isGranted: boolean;
  hasToken: boolean;
  kind: 'face' | 'finger' | 'other';
};

export type IncomingEvent =
  | { name: 'back_button_pressed' }
  | { name: 'settings_button_pressed' }
  | { name: 'main_button_pressed' }
  | { name: 'secondary_button_pressed' }
  | { name: 'theme_changed'; theme: ThemeParams }
  | { name: 'safe_area_changed'; insets: Insets }
  | { name: 'content_safe_area_changed'; insets: Insets }
  /** null: closed without a press on any of its buttons. */
  | { name: 'popup_closed'; buttonId: string | null }
  | { name: 'biometry_info_received'; info: BiometryInfo }
  | { name: 'biometry_auth_requested'; isAuthorized: boolean }
  | { name: 'biometry_token_updated'; isDone: boolean };

/** No bar of a client is taller; more would push the page out of sight. */
const MAX_INSET = 400;

/** @returns null for what the app does not use, and for what is not as it should be */
export function parseIncoming(name: string, data: unknown): IncomingEvent | null {
  const fields: Partial<Record<string, unknown>> = typeof data === 'object' && data !== null ? data : {};
  switch (name) {
    case 'back_button_pressed':
    case 'settings_button_pressed':
    case 'main_button_pressed':
    case 'secondary_button_pressed':
      return { name };
    case 'theme_changed':
      return { name, theme: themeOf(fields.theme_params) };
    case 'safe_area_changed':
    case 'content_safe_area_changed':
      return {
        name,
        insets: {
          top: insetOf(fields.top),
          right: insetOf(fields.right),
          bottom: insetOf(fields.bottom),
          left: insetOf(fields.left),
        },
      };
    case 'popup_closed':
      return { name, buttonId: typeof fields.button_id === 'string' ? fields.button_id : null };
    case 'biometry_info_received':
      return { name, info: biometryOf(fields) };
    case 'biometry_auth_requested':
      return { name, isAuthorized: fields.status === 'authorized' };
    case 'biometry_token_updated':
      return { name, isDone: fields.status === 'updated' || fields.status === 'removed' };
    default:
      return null;
  }
}

function insetOf(value: unknown): number {
  return typeof value === 'number' && value >= 0 ? Math.min(value, MAX_INSET) : 0;
}

function biometryOf(fields: Partial<Record<string, unknown>>): BiometryInfo {
  const isAvailable = fields.available === true;
  return {
    isAvailable,
    isGranted: isAvailable && fields.access_granted === true,
    hasToken: isAvailable && fields.token_saved === true,
    kind: fields.type === 'face' || fields.type === 'finger' ? fields.type : 'other',
  };
}

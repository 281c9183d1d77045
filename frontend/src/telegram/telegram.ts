// The app inside Telegram: says when it is there, wears its colours, uses its back button.
import { applyTheme } from './apply-theme.ts';
import { createBridge } from './bridge.ts';
import { type LaunchParams, themeOf } from './launch-params.ts';

export type Telegram = {
  /** The first page can be seen: Telegram takes its placeholder away and gives the app its full height. */
  ready(): void;
  showBackButton(visible: boolean): void;
};

/** @param onBack the person pressed Telegram's back button */
export function connectTelegram(page: Window, launch: LaunchParams, onBack: () => void): Telegram {
  const root = page.document.documentElement;
  applyTheme(root, launch.theme);
  const bridge = createBridge(page, (name, data) => {
    if (name === 'back_button_pressed') onBack();
    if (name === 'theme_changed' && typeof data === 'object' && data !== null && 'theme_params' in data)
      applyTheme(root, themeOf(data.theme_params));
  });
  return {
    ready() {
      bridge.post('web_app_ready');
      bridge.post('web_app_expand');
    },
    showBackButton(visible) {
      bridge.post('web_app_setup_back_button', { is_visible: visible });
    },
  };
}

// The app inside Telegram: its parts by purpose, and which of them each event of the client is for.
import { applyTheme, barColors } from './apply-theme.ts';
import { createBackButton } from './back-button.ts';
import { type Biometrics, createBiometrics } from './biometrics.ts';
import { type BottomButtons, createBottomButtons } from './bottom-buttons.ts';
import { createBridge } from './bridge.ts';
import { createClosing } from './closing.ts';
import { parseIncoming } from './incoming.ts';
import type { LaunchParams, ThemeParams } from './launch-params.ts';
import { createPopups, type Question } from './popups.ts';
import { createSafeArea } from './safe-area.ts';

/** What the phone lets the hand feel: how something ended, or that a choice was made. */
export type Haptic = 'success' | 'warning' | 'error' | 'selection';

export type Telegram = {
  /** The first page can be seen: Telegram takes its placeholder away and gives the app its full height. */
  ready(): void;
  showBackButton(isVisible: boolean): void;
  /** Telegram's back button, and the phone's, close what stands above the page first. @returns what ends that */
  backCloses(close: () => void): () => void;
  showSettingsButton(isVisible: boolean): void;
  bottomButtons: BottomButtons;
  haptic(kind: Haptic): void;
  /** The hand feels how a task has ended: once, however many places of the page show it. */
  taskEnded(task: { id: string; status: string }): void;
  /** @returns null when this client cannot ask it: it is too old, the words are too many, or another question is open */
  ask(question: Question): Promise<boolean> | null;
  /** Opens an address in the phone's browser, beside the app. @returns whether Telegram takes it: https only */
  openLink(url: string): boolean;
  /** Telegram asks before it closes the app, and no swipe closes it. @returns what ends that */
  confirmClosing(): () => void;
  /** No vertical swipe closes the app. @returns what ends that */
  withoutSwipes(): () => void;
  biometrics: Biometrics;
};

export type TelegramPresses = {
  /** The person pressed Telegram's back button, or the phone's. */
  onBack: () => void;
  /** The person pressed "Settings" in Telegram's menu. */
  onSettings: () => void;
  newToken: () => string;
};

export function connectTelegram(page: Window, launch: LaunchParams, presses: TelegramPresses): Telegram {
  const root = page.document.documentElement;
  const bridge = createBridge(page, launch.version, (name, data) => {
    const event = parseIncoming(name, data);
    switch (event?.name) {
      case 'back_button_pressed':
        return backButton.pressed();
      case 'settings_button_pressed':
        return presses.onSettings();
      case 'main_button_pressed':
        return bottomButtons.pressed('main');
      case 'secondary_button_pressed':
        return bottomButtons.pressed('secondary');
      case 'theme_changed':
        return setTheme(event.theme);
      case 'safe_area_changed':
        return safeArea.device(event.insets);
      case 'content_safe_area_changed':
        return safeArea.content(event.insets);
      case 'popup_closed':
        return popups.closed(event.buttonId);
      case 'biometry_info_received':
        return biometrics.receive(event.info);
      case 'biometry_auth_requested':
        return biometrics.authenticated(event.isAuthorized);
      case 'biometry_token_updated':
        return biometrics.tokenUpdated(event.isDone);
    }
  });
  const safeArea = createSafeArea(root.style);
  const backButton = createBackButton(bridge, presses.onBack);
  const bottomButtons = createBottomButtons(bridge);
  const popups = createPopups(bridge);
  const biometrics = createBiometrics(bridge, presses.newToken);

  const setTheme = (theme: ThemeParams): void => {
    applyTheme(root, theme);
    const { header, background, bottomBar } = barColors(theme);
    if (header !== undefined) bridge.post('web_app_set_header_color', { color: header });
    if (background !== undefined) bridge.post('web_app_set_background_color', { color: background });
    if (bottomBar !== undefined) bridge.post('web_app_set_bottom_bar_color', { color: bottomBar });
  };

  setTheme(launch.theme);
  bridge.post('web_app_request_safe_area');
  bridge.post('web_app_request_content_safe_area');
  bridge.post('web_app_biometry_get_info');

  const haptic = (kind: Haptic): void =>
    bridge.post(
      'web_app_trigger_haptic_feedback',
      kind === 'selection' ? { type: 'selection_change' } : { type: 'notification', notification_type: kind },
    );
  const endedTasks = new Set<string>();

  return {
    ready() {
      bridge.post('web_app_ready');
      bridge.post('web_app_expand');
    },
    showBackButton: backButton.show,
    backCloses: backButton.closes,
    showSettingsButton: (isVisible) =>
      bridge.post('web_app_setup_settings_button', { is_visible: isVisible }),
    bottomButtons,
    haptic,
    taskEnded({ id, status }) {
      if (endedTasks.has(id)) return;
      endedTasks.add(id);
      haptic(status === 'succeeded' ? 'success' : status === 'cancelled' ? 'warning' : 'error');
    },
    ask: popups.ask,
    openLink(url) {
      const isTaken = url.startsWith('https://');
      if (isTaken) bridge.post('web_app_open_link', { url });
      return isTaken;
    },
    ...createClosing(bridge),
    biometrics,
  };
}

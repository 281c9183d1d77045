import { describe, expect, it, vi } from 'vitest';
import { contrastOf } from './contrast.ts';
import { connectTelegram } from './telegram.ts';
import { createTestingClient } from './testing/telegram-client.ts';

const blue = { bg_color: '#17212b', secondary_bg_color: '#0e1621', text_color: '#f5f5f5' };

function open(version: string | null = '9.1') {
  const client = createTestingClient();
  const onBack = vi.fn();
  const onSettings = vi.fn();
  const telegram = connectTelegram(
    client.page,
    {
      initData: 'x',
      version,
      platform: 'ios',
      languageCode: null,
      theme: blue,
      startParam: null,
      isGame: false,
    },
    { onBack, onSettings, newToken: () => 'kept' },
  );
  return { client, telegram, onBack, onSettings };
}

describe('inside Telegram', () => {
  it('sets the header and bottom bar to the page colour, also in a new theme', () => {
    const { client } = open();
    expect(client.eventsOf('web_app_set_header_color')).toEqual([{ color: '#17212b' }]);
    expect(client.eventsOf('web_app_set_background_color')).toEqual([{ color: '#0e1621' }]);
    expect(client.eventsOf('web_app_set_bottom_bar_color')).toEqual([{ color: '#0e1621' }]);
    client.say('theme_changed', { theme_params: { bg_color: '#ffffff', secondary_bg_color: '#efeff4' } });
    expect(client.eventsOf('web_app_set_header_color').at(-1)).toEqual({ color: '#ffffff' });
    expect(client.style.get('--canvas')).toBe('#efeff4');
  });

  it('makes links and buttons readable when Telegram’s colours are not', () => {
    const { client } = open();
    const light = { bg_color: '#ffffff', secondary_bg_color: '#efeff4', text_color: '#000000' };
    client.say('theme_changed', {
      theme_params: {
        ...light,
        link_color: '#2481cc',
        button_color: '#2481cc',
        button_text_color: '#ffffff',
      },
    });
    const variableOf = (variable: string) => client.style.get(variable) ?? '';
    expect(contrastOf(variableOf('--link'), '#efeff4')).toBeGreaterThanOrEqual(4.5);
    expect(contrastOf(variableOf('--accent'), variableOf('--on-accent'))).toBeGreaterThanOrEqual(4.5);
  });

  it('replaces all colours with a new theme', () => {
    const { client } = open();
    client.say('theme_changed', {
      theme_params: { ...blue, section_bg_color: '#1f2d3a', section_separator_color: '#0b1117' },
    });
    expect(client.style.get('--surface')).toBe('#1f2d3a');
    expect(client.style.get('--line')).toBe('#0b1117');
    client.say('theme_changed', { theme_params: { bg_color: '#ffffff', text_color: '#000000' } });
    expect(client.style.get('--surface')).toBe('#ffffff');
    expect(client.style.has('--line')).toBe(false);
    expect(client.style.get('--canvas')).toBe('#ffffff');
  });

  it('adds the safe areas of the device and Telegram', () => {
    const { client } = open();
    expect(client.eventsOf('web_app_request_safe_area')).toHaveLength(1);
    expect(client.eventsOf('web_app_request_content_safe_area')).toHaveLength(1);
    client.say('safe_area_changed', { top: 47, right: 0, bottom: 34, left: 0 });
    client.say('content_safe_area_changed', { top: 46, right: 0, bottom: 0, left: 0 });
    expect(client.style.get('--telegram-top')).toBe('93px');
    expect(client.style.get('--telegram-bottom')).toBe('34px');
    client.say('safe_area_changed', { top: 0, right: 0, bottom: 0, left: 0 });
    expect(client.style.get('--telegram-top')).toBe('46px');
  });

  it('passes on the back and settings buttons', () => {
    const { client, onBack, onSettings } = open();
    client.say('back_button_pressed');
    client.say('settings_button_pressed');
    expect(onBack).toHaveBeenCalledOnce();
    expect(onSettings).toHaveBeenCalledOnce();
  });

  it('back closes dialogs, newest first, before it leaves the page', () => {
    const { client, telegram, onBack } = open();
    const [first, second] = [vi.fn(), vi.fn()];
    const endFirst = telegram.backCloses(first);
    expect(client.eventsOf('web_app_setup_back_button')).toEqual([{ is_visible: true }]);
    const endSecond = telegram.backCloses(second);
    client.say('back_button_pressed');
    expect(second).toHaveBeenCalledOnce();
    endSecond();
    client.say('back_button_pressed');
    expect(first).toHaveBeenCalledOnce();
    expect(onBack).not.toHaveBeenCalled();
    endFirst();
    expect(client.eventsOf('web_app_setup_back_button').at(-1)).toEqual({ is_visible: false });
    telegram.showBackButton(true);
    client.say('back_button_pressed');
    expect(onBack).toHaveBeenCalledOnce();
  });

  it('asks on closing and blocks swipes while any form is unsaved', () => {
    const { client, telegram } = open();
    const [first, second] = [telegram.confirmClosing(), telegram.confirmClosing()];
    const terminal = telegram.withoutSwipes();
    first();
    first();
    expect(client.eventsOf('web_app_setup_closing_behavior')).toEqual([{ need_confirmation: true }]);
    second();
    expect(client.eventsOf('web_app_setup_closing_behavior').at(-1)).toEqual({ need_confirmation: false });
    expect(client.eventsOf('web_app_setup_swipe_behavior')).toEqual([{ allow_vertical_swipe: false }]);
    terminal();
    expect(client.eventsOf('web_app_setup_swipe_behavior').at(-1)).toEqual({ allow_vertical_swipe: true });
  });

  it('gives haptic feedback once when a task ends', () => {
    const { client, telegram } = open();
    telegram.taskEnded({ id: 'tsk_1', status: 'succeeded' });
    telegram.taskEnded({ id: 'tsk_1', status: 'succeeded' });
    telegram.taskEnded({ id: 'tsk_2', status: 'interrupted' });
    telegram.haptic('selection');
    expect(client.eventsOf('web_app_trigger_haptic_feedback')).toEqual([
      { type: 'notification', notification_type: 'success' },
      { type: 'notification', notification_type: 'error' },
      { type: 'selection_change' },
    ]);
  });

  it('opens external pages next to the app, over https only', () => {
    const { client, telegram } = open();
    expect(telegram.openLink('https://ui.example/enter#code=a')).toBe(true);
    expect(telegram.openLink('http://ui.example/enter')).toBe(false);
    expect(client.eventsOf('web_app_open_link')).toEqual([{ url: 'https://ui.example/enter#code=a' }]);
  });

  it('sends no events that an old client does not know', () => {
    const { client, telegram } = open(null);
    telegram.ready();
    telegram.showBackButton(true);
    telegram.showSettingsButton(true);
    telegram.haptic('success');
    telegram.confirmClosing()();
    expect(telegram.ask({ title: 'Delete?', message: '', action: 'Delete', isDestructive: true })).toBeNull();
    expect(telegram.bottomButtons.has('main')).toBe(true);
    expect(telegram.bottomButtons.has('secondary')).toBe(false);
    telegram.bottomButtons.show('main', { text: 'Save', isBusy: false });
    expect(new Set(client.posted.map(([name]) => name))).toEqual(
      new Set(['web_app_ready', 'web_app_expand', 'web_app_setup_main_button']),
    );
  });

  it('keeps the app’s own buttons and dialogs outside of Telegram', () => {
    const client = createTestingClient();
    const alone = Object.assign(client.page, { TelegramWebviewProxy: undefined, parent: client.page });
    const telegram = connectTelegram(
      alone,
      {
        initData: 'x',
        version: '9.1',
        platform: 'ios',
        languageCode: null,
        theme: blue,
        startParam: null,
        isGame: false,
      },
      { onBack: vi.fn(), onSettings: vi.fn(), newToken: () => 'kept' },
    );
    expect(telegram.bottomButtons.has('main')).toBe(false);
    expect(telegram.ask({ title: 'Delete?', message: '', action: 'Delete', isDestructive: true })).toBeNull();
  });

  it('does not use features of 8.0 in a 7.10 client', () => {
    const { client, telegram } = open('7.10');
    expect(client.eventsOf('web_app_request_safe_area')).toEqual([]);
    expect(client.eventsOf('web_app_set_bottom_bar_color')).toHaveLength(1);
    expect(telegram.bottomButtons.has('secondary')).toBe(true);
  });
});

describe('the main button', () => {
  it('reacts only while enabled', () => {
    const { client, telegram } = open();
    const onPress = vi.fn();
    const stop = telegram.bottomButtons.onPress('main', onPress);
    client.say('main_button_pressed');
    telegram.bottomButtons.show('main', { text: 'Save', isBusy: true });
    client.say('main_button_pressed');
    expect(onPress).not.toHaveBeenCalled();
    telegram.bottomButtons.show('main', { text: 'Save', isBusy: false });
    client.say('main_button_pressed');
    expect(onPress).toHaveBeenCalledOnce();
    expect(client.eventsOf('web_app_hide_keyboard')).toHaveLength(1);
    expect(client.eventsOf('web_app_setup_main_button')).toEqual([
      { is_visible: true, is_active: false, is_progress_visible: true, text: 'Save' },
      { is_visible: true, is_active: true, is_progress_visible: false, text: 'Save' },
    ]);
    telegram.bottomButtons.hide('main');
    client.say('main_button_pressed');
    stop();
    expect(onPress).toHaveBeenCalledOnce();
  });
});

describe('the bottom buttons of a page', () => {
  it('are hidden and disabled while a dialog is open', () => {
    const { client, telegram } = open();
    const onPress = vi.fn();
    telegram.bottomButtons.onPress('main', onPress);
    telegram.bottomButtons.show('main', { text: 'Save', isBusy: false });
    const [dialog, question] = [telegram.bottomButtons.cover(), telegram.bottomButtons.cover()];
    expect(client.eventsOf('web_app_setup_main_button').at(-1)).toEqual({ is_visible: false });
    client.say('main_button_pressed');
    telegram.bottomButtons.show('main', { text: 'Save all', isBusy: false });
    question();
    question();
    expect(client.eventsOf('web_app_setup_main_button').at(-1)).toEqual({ is_visible: false });
    dialog();
    expect(client.eventsOf('web_app_setup_main_button').at(-1)).toMatchObject({
      is_visible: true,
      text: 'Save all',
    });
    expect(onPress).not.toHaveBeenCalled();
    expect(client.eventsOf('web_app_setup_secondary_button')).toEqual([]);
    client.say('main_button_pressed');
    expect(onPress).toHaveBeenCalledOnce();
  });
});

describe('a question in a popup', () => {
  const question = {
    title: 'Delete the agent main?',
    message: 'It is gone.',
    action: 'Delete',
    isDestructive: true,
  };

  it('returns the pressed answer, and can be asked again', async () => {
    const { client, telegram } = open();
    const answer = telegram.ask(question);
    expect(client.eventsOf('web_app_open_popup')).toEqual([
      {
        title: 'Delete the agent main?',
        message: 'It is gone.',
        buttons: [
          { id: 'act', type: 'destructive', text: 'Delete' },
          { id: 'cancel', type: 'cancel' },
        ],
      },
    ]);
    expect(telegram.ask(question)).toBeNull();
    client.say('popup_closed', { button_id: 'act' });
    expect(await answer).toBe(true);

    const next = telegram.ask({ ...question, message: '', isDestructive: false });
    expect(client.eventsOf('web_app_open_popup').at(-1)).toMatchObject({
      title: '',
      message: 'Delete the agent main?',
    });
    client.say('popup_closed', {});
    expect(await next).toBe(false);
  });

  it('falls back to the page for a long text', () => {
    const { telegram } = open();
    expect(telegram.ask({ ...question, title: 'x'.repeat(65) })).toBeNull();
    expect(telegram.ask({ ...question, message: 'x'.repeat(257) })).toBeNull();
    expect(telegram.ask({ ...question, action: 'x'.repeat(65) })).toBeNull();
  });
});

describe('biometrics', () => {
  const info = { available: true, access_requested: true, type: 'face', device_id: 'd' };

  it('turn on after Telegram’s permission and a check, and off only after another check', async () => {
    const { client, telegram } = open();
    const { biometrics } = telegram;
    expect(client.eventsOf('web_app_biometry_get_info')).toHaveLength(1);
    client.say('biometry_info_received', { ...info, access_granted: false, token_saved: false });
    expect(biometrics.state()).toEqual({ isAvailable: true, isOn: false, kind: 'face' });

    const turnedOn = biometrics.turnOn('Confirm deletions');
    client.say('biometry_info_received', { ...info, access_granted: true, token_saved: false });
    await vi.waitFor(() =>
      expect(client.eventsOf('web_app_biometry_update_token')).toEqual([
        { token: 'kept', reason: 'Confirm deletions' },
      ]),
    );
    client.say('biometry_token_updated', { status: 'updated' });
    await vi.waitFor(() => expect(client.eventsOf('web_app_biometry_get_info')).toHaveLength(2));
    client.say('biometry_info_received', { ...info, access_granted: true, token_saved: true });
    expect(await turnedOn).toBe(true);
    expect(biometrics.state().isOn).toBe(true);

    const turnedOff = biometrics.turnOff('Turn off');
    client.say('biometry_auth_requested', { status: 'failed' });
    expect(await turnedOff).toBe(false);
    expect(biometrics.state().isOn).toBe(true);
  });

  it('report a successful and a failed check', async () => {
    const { client, telegram } = open();
    const first = telegram.biometrics.check('Delete main'.repeat(20));
    client.say('biometry_auth_requested', { status: 'authorized', token: 'kept' });
    expect(await first).toBe(true);
    const [asked] = client.eventsOf('web_app_biometry_request_auth') as { reason: string }[];
    expect(asked?.reason).toHaveLength(128);
    const second = telegram.biometrics.check('Delete main');
    client.say('biometry_auth_requested', { status: 'failed' });
    expect(await second).toBe(false);
  });

  it('stay off without Telegram’s permission', async () => {
    const { client, telegram } = open();
    const turnedOn = telegram.biometrics.turnOn('Confirm deletions');
    client.say('biometry_info_received', { ...info, access_granted: false, token_saved: false });
    expect(await turnedOn).toBe(false);
    expect(client.eventsOf('web_app_biometry_update_token')).toEqual([]);
  });
});

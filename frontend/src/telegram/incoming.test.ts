import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseIncoming } from './incoming.ts';

describe('Telegram client events', () => {
  it('are accepted as documented', () => {
    expect(parseIncoming('back_button_pressed', undefined)).toEqual({ name: 'back_button_pressed' });
    expect(parseIncoming('popup_closed', { button_id: 'act' })).toEqual({
      name: 'popup_closed',
      buttonId: 'act',
    });
    expect(parseIncoming('safe_area_changed', { top: 47, right: 0, bottom: 34.5, left: 0 })).toEqual({
      name: 'safe_area_changed',
      insets: { top: 47, right: 0, bottom: 34.5, left: 0 },
    });
    expect(
      parseIncoming('biometry_info_received', {
        available: true,
        access_requested: true,
        access_granted: true,
        token_saved: false,
        device_id: 'x',
        type: 'face',
      }),
    ).toEqual({
      name: 'biometry_info_received',
      info: { isAvailable: true, isGranted: true, hasToken: false, kind: 'face' },
    });
  });

  it('grant nothing when incomplete', () => {
    expect(parseIncoming('biometry_auth_requested', { status: 'failed' })).toEqual({
      name: 'biometry_auth_requested',
      isAuthorized: false,
    });
    expect(parseIncoming('biometry_auth_requested', 'authorized')).toMatchObject({ isAuthorized: false });
    expect(
      parseIncoming('biometry_info_received', { access_granted: true, token_saved: true }),
    ).toMatchObject({
      info: { isGranted: false, hasToken: false },
    });
    expect(parseIncoming('popup_closed', null)).toEqual({ name: 'popup_closed', buttonId: null });
  });

  it('move nothing out of view and throw nothing, whatever their data', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(
          'safe_area_changed',
          'content_safe_area_changed',
          'theme_changed',
          'popup_closed',
          'x',
        ),
        fc.anything(),
        (name, data) => {
          const event = parseIncoming(name, data);
          if (event !== null && 'insets' in event)
            for (const inset of Object.values(event.insets)) {
              expect(inset).toBeGreaterThanOrEqual(0);
              expect(inset).toBeLessThanOrEqual(400);
            }
          if (event?.name === 'theme_changed')
            for (const color of Object.values(event.theme)) expect(color).toMatch(/^#[0-9a-f]{6}$/i);
        },
      ),
    );
  });
});

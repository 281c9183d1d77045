import { describe, expect, it } from 'vitest';
import { addOwnChannel, ownChannelIds, removeOwnChannel } from './own-channels.ts';

const ENDPOINT = 'https://push.example.org/a';

function storageWith(kept: string | null = null) {
  return {
    getItem: () => kept,
    setItem(_key: string, value: string) {
      kept = value;
    },
    removeItem() {
      kept = null;
    },
  };
}

describe('the channels of this browser', () => {
  it('are those that were added for its endpoint', () => {
    const storage = storageWith();
    expect(ownChannelIds(storage, ENDPOINT)).toEqual([]);
    addOwnChannel(storage, ENDPOINT, 'nch_1');
    addOwnChannel(storage, ENDPOINT, 'nch_2');
    addOwnChannel(storage, ENDPOINT, 'nch_2');
    expect(ownChannelIds(storage, ENDPOINT)).toEqual(['nch_1', 'nch_2']);
    expect(ownChannelIds(storage, 'https://push.example.org/b')).toEqual([]);
  });

  it('are forgotten when the browser subscribes anew', () => {
    const storage = storageWith();
    addOwnChannel(storage, ENDPOINT, 'nch_1');
    addOwnChannel(storage, 'https://push.example.org/b', 'nch_2');
    expect(ownChannelIds(storage, ENDPOINT)).toEqual([]);
    expect(ownChannelIds(storage, 'https://push.example.org/b')).toEqual(['nch_2']);
  });

  it('end with the last one that is removed', () => {
    const storage = storageWith();
    addOwnChannel(storage, ENDPOINT, 'nch_1');
    addOwnChannel(storage, ENDPOINT, 'nch_2');
    expect(removeOwnChannel(storage, 'nch_of_a_phone')).toBe(false);
    expect(removeOwnChannel(storage, 'nch_1')).toBe(false);
    expect(removeOwnChannel(storage, 'nch_2')).toBe(true);
    expect(storage.getItem()).toBe(null);
    expect(removeOwnChannel(storage, 'nch_2')).toBe(false);
  });

  it.each(['', 'nothing', '7', '{}', '{"endpoint":1,"channelIds":["nch_1"]}', '{"channelIds":"nch_1"}'])(
    'are none in a broken storage: %s',
    (kept) => {
      expect(ownChannelIds(storageWith(kept), ENDPOINT)).toEqual([]);
      expect(removeOwnChannel(storageWith(kept), 'nch_1')).toBe(false);
    },
  );

  it('are none where the browser keeps nothing', () => {
    addOwnChannel(null, ENDPOINT, 'nch_1');
    expect(ownChannelIds(null, ENDPOINT)).toEqual([]);
    const full = {
      ...storageWith(),
      setItem() {
        throw new Error('The quota has been exceeded.');
      },
    };
    addOwnChannel(full, ENDPOINT, 'nch_1');
    expect(ownChannelIds(full, ENDPOINT)).toEqual([]);
  });
});

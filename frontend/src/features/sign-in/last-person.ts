// Remembers the last person who signed in here, so that a launch for someone else asks first.

const STORED_AS = 'buoy.last-person';

export type LastPerson = {
  /** null: nobody is known */
  id(): string | null;
  remember(id: string): void;
};

/** @param storage shared by the tabs; null where the browser keeps nothing: nobody is known after a reload then */
export function createLastPerson(storage: Pick<Storage, 'getItem' | 'setItem'> | null): LastPerson {
  let own: string | null = null;
  return {
    id() {
      try {
        return storage?.getItem(STORED_AS) ?? own;
      } catch {
        return own;
      }
    },
    remember(id) {
      own = id;
      try {
        storage?.setItem(STORED_AS, id);
      } catch {
        // Full, or forbidden: this page knows it by itself.
      }
    },
  };
}

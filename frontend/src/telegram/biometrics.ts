// Face or finger before acts that destroy, where the person has turned it on. It guards an unlocked phone in other hands;
// what a person may do is decided on the server, with or without it.
import type { Bridge } from './bridge.ts';
import type { BiometryInfo } from './incoming.ts';

export type BiometricsState = {
  /** The device has biometrics, and this client lends them to apps. */
  isAvailable: boolean;
  /** Telegram keeps on the device that the person has turned it on: there is a token. */
  isOn: boolean;
  kind: BiometryInfo['kind'];
};

export type Biometrics = {
  state(): BiometricsState;
  subscribe(onChange: () => void): () => void;
  /** Asks Telegram for leave and the person for their face or finger. @returns whether it is on now */
  turnOn(reason: string): Promise<boolean>;
  /** Needs the face or finger as well: else the next hand would turn it off first. @returns whether it is off now */
  turnOff(reason: string): Promise<boolean>;
  /** Whether this is the person. @param reason shown by the device, up to 128 characters */
  check(reason: string): Promise<boolean>;
  /** Telegram's page where a person lends biometrics whom they once refused; only after a press. */
  openSettings(): void;
  receive(info: BiometryInfo): void;
  authenticated(isAuthorized: boolean): void;
  tokenUpdated(isDone: boolean): void;
};

/** Milliseconds; a client that has lost the request must not keep the person waiting for ever. */
const DEADLINE_MS = 60_000;
const MAX_REASON = 128;

/** @param newToken makes what Telegram keeps; it opens nothing */
export function createBiometrics(bridge: Bridge, newToken: () => string): Biometrics {
  const listeners = new Set<() => void>();
  let state: BiometricsState = { isAvailable: false, isOn: false, kind: 'other' };
  const infos = expected<BiometryInfo>();
  const authentications = expected<boolean>();
  const updates = expected<boolean>();

  const update = async (token: string, reason: string): Promise<boolean> => {
    const answer = updates.next();
    bridge.post('web_app_biometry_update_token', { token, reason: reason.slice(0, MAX_REASON) });
    const isDone = (await answer) === true;
    const info = infos.next();
    bridge.post('web_app_biometry_get_info');
    await info;
    return isDone;
  };
  const check = async (reason: string): Promise<boolean> => {
    const answer = authentications.next();
    bridge.post('web_app_biometry_request_auth', { reason: reason.slice(0, MAX_REASON) });
    return (await answer) === true;
  };

  return {
    state: () => state,
    subscribe(onChange) {
      listeners.add(onChange);
      return () => listeners.delete(onChange);
    },
    async turnOn(reason) {
      const answer = infos.next();
      bridge.post('web_app_biometry_request_access', { reason: reason.slice(0, MAX_REASON) });
      if ((await answer)?.isGranted !== true) return false;
      return update(newToken(), reason);
    },
    async turnOff(reason) {
      return (await check(reason)) && (await update('', reason));
    },
    check,
    openSettings: () => bridge.post('web_app_biometry_open_settings'),
    receive(info) {
      state = { isAvailable: info.isAvailable, isOn: info.isGranted && info.hasToken, kind: info.kind };
      infos.came(info);
      for (const listener of listeners) listener();
    },
    authenticated: authentications.came,
    tokenUpdated: updates.came,
  };
}

/** One answer that is waited for; a newer question ends the wait for an older one. */
function expected<T>(): { next(): Promise<T | null>; came(answer: T): void } {
  let resolve: ((answer: T | null) => void) | null = null;
  return {
    next() {
      resolve?.(null);
      return new Promise((done) => {
        const timer = setTimeout(() => done(null), DEADLINE_MS);
        resolve = (answer) => {
          clearTimeout(timer);
          done(answer);
        };
      });
    },
    came(answer) {
      resolve?.(answer);
      resolve = null;
    },
  };
}

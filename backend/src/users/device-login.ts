// Signing a device in that has no browser: it shows a code, and a person who is signed in elsewhere approves it (RFC 8628).
import type { DeviceLogin } from '@buoy/contract';
import type { AuditRecorder } from '../audit/audit-recorder.ts';
import type { DeviceLoginTable } from '../db/schema.ts';
import { AppError } from '../lib/app-error.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import { newSecret, sha256 } from '../lib/ids.ts';
import { deviceUrl, publicBase } from '../lib/urls.ts';
import type { CallerInPerson, ClientInfo } from './caller.ts';
import type { DeviceLoginStore } from './device-login.store.ts';
import type { SignedIn, SignIn } from './sign-in.ts';
import { newUserCode, readUserCode, showUserCode } from './user-code.ts';

/** Time enough to fetch the phone, and too little to leave a code lying about. */
const LIFE_S = 600;
/** Seconds between two questions of the device: the default of RFC 8628, 3.2. */
const INTERVAL_S = 5;
/** An office may share an address; a script that fills the table is stopped. */
const MAX_OPEN_BY_ADDRESS = 20;
/** A second one that is taken never happens in practice; endless tries would hide a broken random source. */
const MAX_CODE_ATTEMPTS = 5;

export type DeviceLogins = ReturnType<typeof createDeviceLogins>;

/** @param parts.appDomain the public host name, null where there is none */
export function createDeviceLogins(parts: {
  store: DeviceLoginStore;
  signIn: Pick<SignIn, 'byApproval'>;
  appDomain: string | null;
  clock: Clock;
}) {
  const { store, signIn, appDomain, clock } = parts;

  const findOpen = async (userCode: string): Promise<DeviceLoginTable> => {
    const login = await store.findByUserCode(readUserCode(userCode), isoTime(clock.now()));
    if (login === undefined)
      throw new AppError('not_found', 'No device is waiting for this code.', {
        hint: 'Compare it with the code on the device; a code is valid for ten minutes.',
      });
    return login;
  };

  return {
    /**
     * Begins a sign-in: the device shows `userCode` and `verificationUrl`, keeps `deviceCode` to itself, and asks with it.
     * Has no audit entry of its own: anybody can begin any number, and only an approval changes something.
     * @param origin what the device calls this Buoy, for where no public name is set
     * @returns `interval` and `expiresIn` in seconds
     * @throws AppError 429 when too many from this address wait
     */
    async begin(client: ClientInfo, origin: string) {
      const now = clock.now();
      const deviceCode = newSecret();
      await store.forgetExpired(isoTime(now));
      for (let tries = 0; tries < MAX_CODE_ATTEMPTS; tries += 1) {
        const userCode = newUserCode();
        const login: DeviceLoginTable = {
          deviceCodeHash: sha256(deviceCode),
          userCode,
          ip: client.ip,
          userAgent: client.userAgent?.slice(0, 256) ?? null,
          createdAt: isoTime(now),
          expiresAt: isoTime(now + LIFE_S * 1000),
          approvedBy: null,
          approvedBySession: null,
        };
        const limit = { maxOpen: MAX_OPEN_BY_ADDRESS, full: (endsAt: string) => tooMany(endsAt, now) };
        if (await store.insert(login, limit))
          return {
            userCode: showUserCode(userCode),
            deviceCode,
            verificationUrl: deviceUrl(publicBase(appDomain, origin), showUserCode(userCode)),
            interval: INTERVAL_S,
            expiresIn: LIFE_S,
          };
      }
      throw new AppError('internal', 'No free code was found for this sign-in.', { hint: 'Try again.' });
    },

    /** Who asks to be signed in with this code. @throws AppError 404 when nobody does, or does not any more */
    async show(userCode: string): Promise<DeviceLogin> {
      const login = await findOpen(userCode);
      return {
        userCode: showUserCode(login.userCode),
        ip: login.ip,
        userAgent: login.userAgent,
        createdAt: login.createdAt,
        expiresAt: login.expiresAt,
      };
    },

    /** Approves the device as `caller`. @throws AppError 404 as in `show`, 409 when it is approved already */
    async approve(caller: CallerInPerson, userCode: string, audit?: AuditRecorder): Promise<void> {
      const { ip, userAgent, ...login } = await findOpen(userCode);
      const also = audit?.change({ target: userAgent ?? ip, details: { device: { ip, userAgent } } });
      if (!(await store.approve(login.userCode, caller, isoTime(clock.now()), also)))
        throw new AppError('conflict', 'This device was approved already.', {
          hint: 'If that was not you, sign out the device that you do not know under your account.',
        });
    },

    /**
     * A session for the device once it is approved, to exactly one of those who ask with this code.
     * @param client the device that asks: the session shows from where
     * @throws AppError 428 while nobody has approved, 401 when the code is unknown, used up or too old
     */
    async redeem(deviceCode: string, client: ClientInfo, audit?: AuditRecorder): Promise<SignedIn> {
      const now = isoTime(clock.now());
      const deviceCodeHash = sha256(deviceCode);
      const login = await store.findByDeviceCode(deviceCodeHash, now);
      if (login === undefined) throw over();
      const { approvedBy: userId } = login;
      if (userId === null)
        throw new AppError('authorization_pending', 'This sign-in is not approved yet.', {
          hint: `Open the page that was shown, approve, and ask again in ${INTERVAL_S} seconds.`,
          details: { retryAfterS: INTERVAL_S },
        });
      return signIn.byApproval(userId, client, store.usingUp({ deviceCodeHash, userId, now }, over), audit);
    },
  };
}

function over(): AppError {
  return new AppError('sign_in_failed', 'This sign-in has ended: its code is unknown, used or expired.', {
    hint: 'Start again.',
  });
}

function tooMany(oldestEndsAt: string, nowMs: number): AppError {
  const waitS = Math.max(1, Math.ceil((Date.parse(oldestEndsAt) - nowMs) / 1000));
  return new AppError('rate_limited', 'Too many sign-ins from this address wait for their approval.', {
    hint: `Approve one of them, or try again in ${waitS} seconds.`,
    details: { retryAfterS: waitS },
  });
}

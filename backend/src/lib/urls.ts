// The addresses that Buoy prints for people.
import { type AddressInfo, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';

/** @param address what the listening socket says */
export function listenUrl(address: AddressInfo | string | null, scheme: 'http' | 'https' = 'http'): string {
  if (address === null || typeof address === 'string') return String(address);
  return urlAt(address.address, address.port, scheme);
}

/** Where who listens at `host` is reached: every address is an address of this machine, one that others can use when there is one. */
export function urlAt(host: string, port: number, scheme: 'http' | 'https'): string {
  const reached = host === '0.0.0.0' || host === '::' ? ownAddress(host) : host;
  return `${scheme}://${isIPv6(reached) ? `[${reached}]` : reached}:${port}`;
}

function ownAddress(unspecified: '0.0.0.0' | '::'): string {
  const addresses = Object.values(networkInterfaces())
    .flatMap((one) => one ?? [])
    .filter(({ internal, address }) => !internal && !/^(169\.254\.|fe80:)/i.test(address));
  const ofFamily = (family: string) => addresses.find((one) => one.family === family)?.address;
  return ofFamily('IPv4') ?? (unspecified === '::' ? ofFamily('IPv6') : undefined) ?? '127.0.0.1';
}

/** A sign-in link. The code is in the fragment: browsers do not send it to any server, nor into a Referer. */
export function linkUrl(baseUrl: string, code: string): string {
  return `${baseUrl}/sign-in#code=${code}`;
}

/** Where Telegram sends the browser back to. It has to be registered there word for word, so nothing of a call is in it. */
export function telegramReturnUrl(baseUrl: string): string {
  return `${baseUrl}/sign-in`;
}

/** Where an OpenID provider sends the browser back to, registered there likewise. */
export function oidcReturnUrl(baseUrl: string): string {
  return `${baseUrl}/sign-in/oidc`;
}

/** An invite link; its code is in the fragment for the same reason. */
export function inviteUrl(baseUrl: string, code: string): string {
  return `${baseUrl}/invite#code=${code}`;
}

/** Where a person approves the device that shows `userCode`; the code is in the fragment for the same reason. */
export function deviceUrl(baseUrl: string, userCode: string): string {
  return `${baseUrl}/device#code=${userCode}`;
}

/** A link to the Control UI of a server; the code is in the fragment for the same reason. */
export function controlUiUrl(baseUrl: string, code: string): string {
  return `${baseUrl}/control-ui#code=${code}`;
}

/** A status page. Its token is in the path, so that the link survives whatever it is pasted into; logs mask it, see `secret-paths.ts`. */
export function statusPageUrl(baseUrl: string, token: string): string {
  return `${baseUrl}/status/${token}`;
}

/**
 * Where people reach this Buoy.
 * @param appDomain the configured public host name, null when there is none
 * @param origin scheme, host and port that the present caller used
 */
export function publicBase(appDomain: string | null, origin: string): string {
  return appDomain === null ? origin : `https://${appDomain}`;
}

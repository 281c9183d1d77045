// Queries about the person's own account.
import { queryOptions } from '@tanstack/react-query';
import type { Api } from '../../api.ts';

/** Milliseconds; what is in effect changes with the clock, and a device may sign in elsewhere. */
const POLL_MS = 30_000;

export function prefsQuery(api: Api) {
  return queryOptions({
    queryKey: ['account', 'notification-prefs'],
    queryFn: ({ signal }) => api.call('GET /me/notification-prefs', { signal }),
    refetchInterval: POLL_MS,
  });
}

export function devicesQuery(api: Api) {
  return queryOptions({
    queryKey: ['account', 'sessions'],
    queryFn: async ({ signal }) => (await api.call('GET /me/sessions', { signal })).sessions,
    refetchInterval: POLL_MS,
  });
}

export function tokensQuery(api: Api) {
  return queryOptions({
    queryKey: ['account', 'tokens'],
    queryFn: async ({ signal }) => (await api.call('GET /me/tokens', { signal })).tokens,
    refetchInterval: POLL_MS,
  });
}

export function passkeysQuery(api: Api) {
  return queryOptions({
    queryKey: ['account', 'passkeys'],
    queryFn: async ({ signal }) => (await api.call('GET /me/passkeys', { signal })).passkeys,
    refetchInterval: POLL_MS,
  });
}

export function signInLinkQuery(api: Api) {
  return queryOptions({
    queryKey: ['account', 'sign-in-link'],
    queryFn: async ({ signal }) => (await api.call('GET /me/sign-in-link', { signal })).signInLink,
    refetchInterval: POLL_MS,
  });
}

// Why a browser cannot be notified, as far as the page can tell without asking the person.

export type WebPushProblem = 'telegram' | 'insecure' | 'unsupported' | 'denied';

type BrowserFacts = {
  isInTelegram: boolean;
  /** Came over https, or from this machine. */
  isSecure: boolean;
  hasPush: boolean;
  /** null: this browser has no notifications. */
  permission: NotificationPermission | null;
};

/** null: it can be notified, or the person has not been asked yet. */
export function webPushProblem({
  isInTelegram,
  isSecure,
  hasPush,
  permission,
}: BrowserFacts): WebPushProblem | null {
  if (isInTelegram) return 'telegram';
  // Browsers take push away from such pages, so that it would seem to be missing.
  if (!isSecure) return 'insecure';
  if (!hasPush || permission === null) return 'unsupported';
  return permission === 'denied' ? 'denied' : null;
}

export function browserFacts(isInTelegram: boolean): BrowserFacts {
  return {
    isInTelegram,
    isSecure: window.isSecureContext,
    hasPush: 'serviceWorker' in navigator && 'PushManager' in window,
    permission: 'Notification' in window ? Notification.permission : null,
  };
}

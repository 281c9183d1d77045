// Notifications and confirmation codes as e-mail, through the server of SMTP_URL.
import { createTransport } from 'nodemailer';
import type { Clock } from '../../lib/clock.ts';
import { messageOf } from '../message.ts';
import { messageTexts } from '../message-texts.ts';
import { isSideNews, type Language, type Sender, type SendResult } from '../sender.ts';

/** Milliseconds for each step of a delivery. */
const STEP_MS = 10_000;
/** Mailbox unavailable, not local, name not allowed: RFC 5321 §4.2.3. Later attempts get the same. */
const NO_MAILBOX = [550, 551, 553];

export type Mailer = {
  send: Sender<'email'>;
  /** Mails the code that confirms an address. */
  sendCode(address: string, code: string, language: Language): Promise<SendResult>;
};

export function createMailer(parts: {
  smtpUrl: string;
  /** `name <address>` or an address. */
  from: string;
  /** As for a message. */
  appUrl: string | null;
  clock: Pick<Clock, 'now'>;
}): Mailer {
  const { smtpUrl, from, appUrl } = parts;
  const transport = createTransport({
    url: smtpUrl,
    requireTLS: sendsPassword(smtpUrl),
    ...{ connectionTimeout: STEP_MS, greetingTimeout: STEP_MS, socketTimeout: STEP_MS },
    // What is mailed comes from servers: nothing in it may make Buoy read files or addresses.
    ...{ disableFileAccess: true, disableUrlAccess: true },
  });
  const domain = /@([A-Za-z0-9.-]+)/.exec(from)?.[1] ?? 'buoy.invalid';

  const mail = async (
    to: string,
    { id, thread, subject, text }: { id: string; thread: string | null; subject: string; text: string },
  ): Promise<SendResult> => {
    try {
      await transport.sendMail({
        ...{ from, subject, text },
        to: { name: '', address: to },
        // The same in a repeat: mail servers and readers show it once.
        messageId: `<${id}@${domain}>`,
        ...(thread === null ? {} : { references: `<${thread}@${domain}>` }),
        // RFC 3834: no out-of-office note answers it.
        headers: { 'Auto-Submitted': 'auto-generated' },
      });
      return { outcome: 'sent' };
    } catch (error) {
      return failureOf(error);
    }
  };

  return {
    async send({ address }, notification) {
      const { id, kind, alerts } = notification;
      if (isSideNews(kind)) return { outcome: 'skipped' };
      const { title, lines, evidence, url } = messageOf(notification, appUrl);
      const text = [...lines, ...(evidence === '' ? [] : ['', evidence]), ...(url === null ? [] : ['', url])];
      const thread = kind === 'summary' ? null : (alerts[0]?.alert.id ?? null);
      return mail(address, { id, thread, subject: title, text: text.join('\n') });
    },

    sendCode(address, code, language) {
      const { codeTitle, codeBody } = messageTexts[language];
      const id = `code-${parts.clock.now()}`;
      return mail(address, { id, thread: null, subject: codeTitle, text: codeBody(code) });
    },
  };
}

/** Over a network a password goes out encrypted or not at all: somebody in between may hide that the server can encrypt. */
function sendsPassword(smtpUrl: string): boolean {
  const { hostname, password } = new URL(smtpUrl);
  return password !== '' && !['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}

function failureOf(error: unknown): SendResult {
  const message = error instanceof Error ? error.message : String(error);
  const { command, responseCode } = error as { command?: unknown; responseCode?: unknown };
  const told = { error: `The mail server did not take it: ${message.slice(0, 300)}` };
  const code = Number(responseCode);
  if (command === 'RCPT TO' && NO_MAILBOX.includes(code)) return { outcome: 'blocked', ...told };
  // A filter that refuses the content of this mail refuses it each time.
  if (command === 'DATA' && code >= 500) return { outcome: 'refused', ...told };
  return { outcome: 'failed', ...told, isRejection: command === 'DATA' && code >= 400 };
}

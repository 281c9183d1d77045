// The body of a webhook in the form that its receiver reads.
import type { WebhookBody, WebhookTemplate } from '@buoy/contract';
import { cut, cutBytes, type Message, messageOf } from '../message.ts';
import type { Notification } from '../sender.ts';

/** UTF-16 units: https://discord.com/developers/docs/resources/webhook#execute-webhook */
const MAX_DISCORD = 2_000;
/** Bytes: https://docs.ntfy.sh/publish/#limitations */
const MAX_NTFY_BYTES = 4_096;

type WebhookRequest = { url: string; body: string };

/** null: such a thing is not told in that form. */
export function webhookRequest(
  template: WebhookTemplate,
  url: string,
  notification: Notification,
  appUrl: string | null,
): WebhookRequest | null {
  if (notification.kind === 'snoozed' || notification.kind === 'auto_repair') return null;
  if (template === 'json') return { url, body: JSON.stringify(jsonBody(notification, appUrl)) };
  // A person who reads a chat has no use for the answers of others to an alert.
  if (notification.kind === 'acknowledged') return null;
  const message = messageOf(notification, appUrl);
  if (template === 'ntfy') return ntfyRequest(url, message);
  return { url, body: JSON.stringify(chatBodies[template](message)) };
}

function jsonBody(notification: Notification, appUrl: string | null): WebhookBody {
  const { kind, at, alerts, isReminder: reminder = false } = notification;
  if (kind === 'monitor_stale' || kind === 'monitor_recovered') {
    const { title, lines, url } = messageOf(notification, appUrl);
    const data = { alert: null, alerts: [], server: null, url, reminder, text: [title, ...lines].join('\n') };
    return { type: 'summary', timestamp: at, data };
  }
  const servers = new Map(alerts.map(({ server }) => [server.id, server]));
  const [server] = servers.size === 1 ? servers.values() : [];
  const event = kind === 'reminder' ? 'firing' : kind;
  const type = event === 'summary' || event === 'test' ? event : (`alert.${event}` as WebhookBody['type']);
  const isAboutOne = type !== 'summary' && type !== 'test';
  return {
    ...{ type, timestamp: at },
    data: {
      alert: isAboutOne ? (alerts[0]?.alert ?? null) : null,
      alerts: alerts.map(({ alert }) => alert),
      server: server === undefined ? null : { id: server.id, name: server.name },
      url: appUrl === null ? null : `${appUrl}${server === undefined ? '/alerts' : `/servers/${server.id}`}`,
      reminder,
    },
  };
}

const chatBodies: Record<Exclude<WebhookTemplate, 'json' | 'ntfy'>, (message: Message) => unknown> = {
  /** https://docs.slack.dev/messaging/formatting-message-text: these three characters are its markup. */
  slack: (message) => {
    const escaped = (text: string) =>
      text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    const { title, lines, evidence, url, open } = message;
    const parts = [
      `*${escaped(title)}*`,
      ...lines.map(escaped),
      ...(evidence === '' ? [] : [`\`\`\`${escaped(evidence).replaceAll('```', "'''")}\`\`\``]),
      ...(url === null ? [] : [`<${url}|${escaped(open)}>`]),
    ];
    return { text: parts.join('\n'), unfurl_links: false };
  },

  discord: (message) => {
    const escaped = (text: string) => text.replace(/[\\*_~`|>#[\]()-]/g, '\\$&');
    const { title, lines, evidence, url, open } = message;
    const link = url === null ? '' : `\n[${escaped(open)}](<${url}>)`;
    const block = evidence === '' ? '' : `\n\`\`\`\n${evidence.replaceAll('```', "'''")}\n\`\`\``;
    const head = [`**${escaped(title)}**`, ...lines.map(escaped)].join('\n');
    const room = MAX_DISCORD - link.length;
    const text = head.length + block.length <= room ? `${head}${block}` : cut(head, room);
    // Names in a text must call nobody.
    return { content: `${text}${link}`, allowed_mentions: { parse: [] } };
  },

  /** https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using */
  teams: ({ title, lines, evidence, url, open }) => ({
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          ...{ type: 'AdaptiveCard', version: '1.4' },
          body: [
            { type: 'TextBlock', text: plain(title), weight: 'Bolder', wrap: true },
            ...lines.map((text) => ({ type: 'TextBlock', text: plain(text), wrap: true })),
            ...(evidence === ''
              ? []
              : [{ type: 'TextBlock', text: plain(evidence), wrap: true, fontType: 'Monospace' }]),
          ],
          actions: url === null ? [] : [{ type: 'Action.OpenUrl', title: open, url }],
        },
      },
    ],
  }),
};

/** A card reads a subset of Markdown. */
function plain(text: string): string {
  return text.replace(/[\\*_[\]()#-]/g, '\\$&');
}

/** As JSON, which goes to the server itself, with the topic in it: https://docs.ntfy.sh/publish/#publish-as-json */
function ntfyRequest(
  url: string,
  { title, lines, evidence, url: link, isCritical }: Message,
): WebhookRequest {
  const { origin, pathname, search } = new URL(url);
  const parts = pathname.split('/').filter(Boolean);
  const topic = parts.pop() ?? '';
  const text = [...lines, ...(evidence === '' ? [] : [evidence])].join('\n');
  return {
    url: `${origin}/${parts.map((part) => `${part}/`).join('')}${search}`,
    body: JSON.stringify({
      ...{ topic, title, message: cutBytes(text, MAX_NTFY_BYTES), priority: isCritical ? 5 : 3 },
      ...(link === null ? {} : { click: link }),
    }),
  };
}

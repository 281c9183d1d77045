// Adds a notification channel: a Telegram chat, an e-mail address or a webhook. Browsers subscribe themselves in the web app.
import type { Contract, RequestOf, ResponseOf } from '@buoy/contract';
import { webhookTemplates } from '@buoy/contract/constants';
import { askSecret } from '../ask-secret.ts';
import { withId } from '../choose.ts';
import {
  type Args,
  arg,
  type Command,
  type Context,
  choiceOption,
  command,
  numberOption,
  type OptionSpec,
  type Texts,
  textOption,
} from '../command.ts';
import { commandLine } from '../output/command-line.ts';

type NewChannel = RequestOf<Contract['POST /me/notification-channels']>['body'];
type Answer = ResponseOf<Contract['POST /me/notification-channels']>;

const MAX_THREAD_ID = 2_147_483_647;

async function addTelegram(context: Context & Args<'chat'> & Texts<'label' | 'thread'>): Promise<void> {
  await add(context, {
    type: 'telegram',
    chatId: arg(context, 'chat'),
    threadId: numberOption(context, 'thread', 1, MAX_THREAD_ID),
    label: textOption(context, 'label'),
  });
}

async function addEmail(context: Context & Args<'address'> & Texts<'label'>): Promise<void> {
  await add(context, {
    type: 'email',
    address: arg(context, 'address'),
    label: textOption(context, 'label'),
  });
}

async function addWebhook(context: Context & Args<'url'> & Texts<'label' | 'template'>): Promise<void> {
  const template = choiceOption(context, 'template', webhookTemplates);
  // Anybody who has the URL can post to it: it need not be an argument, and is never printed.
  const url = context.args.url ?? (await askSecret(context, 'URL of the webhook')).trim();
  await add(context, { type: 'webhook', url, template, label: textOption(context, 'label') });
}

async function add(context: Context, body: NewChannel): Promise<void> {
  const answer = await context.api()('POST /me/notification-channels', { body });
  context.output.result(answer, () => showAdded(context, answer));
}

function showAdded({ output }: Context, { channel, secret }: Answer): void {
  const { id, label, target, state } = channel;
  const next =
    state === 'unconfirmed'
      ? `A code was mailed to ${target}. Confirm the address: ${lineOf('confirm', id, 'CODE')}`
      : `Test it: ${lineOf('test', id)}`;
  const added = `Added ${withId(label, id)}. ${next}`;
  if (secret === undefined) {
    output.line(added);
    return;
  }
  output.note(added);
  output.line(secret);
  output.note('This secret is shown only once. Verify the webhook-signature header with it.');
}

function lineOf(...words: readonly string[]): string {
  return commandLine('buoy', 'notifications', 'channels', ...words);
}

const label = {
  type: 'string',
  value: 'TEXT',
  summary: 'Display name (default: the chat, the address or the host)',
} as const satisfies OptionSpec;

export const addNotificationChannelCommands: readonly Command[] = [
  command({
    name: 'notifications channels add telegram',
    summary: 'Add a group, topic or channel of Telegram; its id begins with -, so it goes after --',
    args: ['chat'],
    options: {
      thread: { type: 'string', value: 'NUMBER', summary: 'Only this topic of the group' },
      label,
    },
    run: addTelegram,
  }),
  command({
    name: 'notifications channels add email',
    summary: 'Add an e-mail address: Buoy mails a code to it, which confirms it',
    args: ['address'],
    options: { label },
    run: addEmail,
  }),
  command({
    name: 'notifications channels add webhook',
    summary: 'Add a webhook; without URL it is asked for, or read from standard input',
    args: ['url?'],
    options: {
      template: {
        type: 'string',
        value: 'TEMPLATE',
        choices: webhookTemplates,
        summary: `Format of the messages: ${webhookTemplates.join(', ')} (default json)`,
      },
      label,
    },
    run: addWebhook,
  }),
];

// A notification channel that the person is about to add, as typed, and the request that it becomes.
import type { Contract, RequestOf } from '@buoy/contract';
import { type WebhookTemplate, webhookTemplates } from '@buoy/contract/constants';

export type ChannelDraft = {
  address: string;
  url: string;
  template: WebhookTemplate;
  chatId: string;
  threadId: string;
  label: string;
};

type NewChannel = RequestOf<Contract['POST /me/notification-channels']>['body'];

/** What is typed in; a browser is added by a press. */
export const typedChannelTypes = ['email', 'webhook', 'telegram'] as const;
export type TypedChannelType = (typeof typedChannelTypes)[number];

export const emptyChannelDraft: ChannelDraft = {
  ...{ address: '', url: '', chatId: '', threadId: '', label: '' },
  template: webhookTemplates[0],
};

/** Of the fields, those that this type has. */
export function newChannelOf(type: TypedChannelType, draft: ChannelDraft): NewChannel {
  const { address, url, template, chatId, threadId, label } = draft;
  const named = label.trim() === '' ? {} : { label: label.trim() };
  switch (type) {
    case 'email':
      return { type, address: address.trim(), ...named };
    case 'webhook':
      return { type, url: url.trim(), template, ...named };
    case 'telegram': {
      const topic = threadId.trim() === '' ? {} : { threadId: Number(threadId) };
      return { type, chatId: chatId.trim(), ...topic, ...named };
    }
  }
}

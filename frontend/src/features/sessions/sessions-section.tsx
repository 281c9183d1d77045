// Conversations with the agents of a server: the list of them, or one of them.
import type { SectionProps } from '../../page-props.ts';
import { ChatPage } from './chat-page.tsx';
import { SessionList } from './session-list.tsx';

export function SessionsSection({ server, rest: [key] }: SectionProps) {
  return key === undefined || key === '' ? (
    <SessionList server={server} />
  ) : (
    <ChatPage key={key} server={server} sessionKey={key} />
  );
}

// The link to the inbox, with the number of open requests.
import { useTexts } from '../../i18n/use-texts.ts';
import { CountedLink } from '../../ui/counted-link.tsx';
import { useInbox } from './inbox-queries.ts';
import { inboxLinkTexts } from './link-texts.ts';

export function InboxLink() {
  const t = useTexts(inboxLinkTexts);
  const { data } = useInbox().inbox;
  const count = data === undefined ? 0 : data.items.length + data.accessRequests.length;
  return (
    <CountedLink
      path="/inbox"
      title={t.inbox}
      spoken={count === 0 ? t.inbox : t.inboxWith(count)}
      count={count}
      shape="M3 11.5 5 4h10l2 7.5V16H3zM3 11.5h4l1.2 2h3.6l1.2-2h4"
    />
  );
}

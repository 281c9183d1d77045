// The way to the inbox, with how many wait there.
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { buttonClass } from '../../ui/button.tsx';
import { useInbox } from './inbox-queries.ts';
import { inboxLinkTexts } from './link-texts.ts';

export function InboxLink() {
  const t = useTexts(inboxLinkTexts);
  const count = useInbox().inbox.data?.items.length ?? 0;
  return (
    <a {...linkTo('/inbox')} className={`${buttonClass('quiet')} shrink-0 px-3! whitespace-nowrap`}>
      <span className="sr-only">{count === 0 ? t.inbox : t.inboxWith(count)}</span>
      {/* A phone has no room for the word beside the other links. */}
      <svg
        aria-hidden="true"
        viewBox="0 0 20 20"
        className="size-5 fill-none stroke-current stroke-[1.7] sm:hidden"
        strokeLinecap="round"
        strokeLinejoin="round"
      >
        <path d="M3 11.5 5 4h10l2 7.5V16H3zM3 11.5h4l1.2 2h3.6l1.2-2h4" />
      </svg>
      <span aria-hidden="true" className="max-sm:hidden">
        {t.inbox}
      </span>
      {count > 0 && (
        <span
          aria-hidden="true"
          className="min-w-5 rounded-full bg-accent px-1.5 text-center text-xs leading-5 font-semibold text-on-accent"
        >
          {count}
        </span>
      )}
    </a>
  );
}

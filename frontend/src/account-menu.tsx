// The signed-in person's name, with a menu of the pages that are not about one server.
import type { User } from '@buoy/contract';
import { type MouseEvent, useId, useRef } from 'react';
import { useTexts } from './i18n/use-texts.ts';
import { linkTo } from './navigation.ts';
import { useServices } from './services.ts';
import { shellTexts } from './shell-texts.ts';

/** The browser's own popover: it closes on Escape and on a press elsewhere, and gives the focus back. */
export function AccountMenu({ user }: { user: User }) {
  const { session, telegram } = useServices();
  const id = useId();
  const menu = useRef<HTMLElement>(null);
  const name = user.firstName ?? user.username ?? user.id;
  const t = useTexts(shellTexts);
  const pages = [
    { path: '/account', title: t.account },
    { path: '/tasks', title: t.tasks },
    { path: '/rollouts', title: t.rollouts },
    { path: '/status-pages', title: t.statusPages },
    { path: '/device', title: t.signInTerminal },
    { path: '/invite', title: t.acceptInvite },
    ...(user.isSuperAdmin ? [{ path: '/admin', title: t.admin }] : []),
  ];
  return (
    <>
      <button
        type="button"
        popoverTarget={id}
        aria-label={t.menuOf(name)}
        className="inline-flex min-h-11 min-w-0 items-center gap-1.5 rounded-md px-3 text-sm font-medium hover:bg-inset"
      >
        <span className="truncate">{name}</span>
        <span aria-hidden="true" className="text-xs">
          ▾
        </span>
      </button>
      <nav
        id={id}
        ref={menu}
        popover="auto"
        aria-label={t.morePages}
        className="fixed inset-auto top-[calc(3.75rem+var(--safe-top))] right-[max(1rem,var(--safe-right),calc((100vw-100rem)/2+1rem))] m-0 min-w-56 rounded-lg border border-edge bg-surface p-1 text-ink shadow-lg"
      >
        <ul>
          {pages.map(({ path, title }) => {
            const link = linkTo(path);
            return (
              <li key={path}>
                <a
                  href={link.href}
                  onClick={(event: MouseEvent) => {
                    menu.current?.hidePopover();
                    link.onClick(event);
                  }}
                  className="flex min-h-11 items-center rounded-md px-3 text-sm hover:bg-inset focus-visible:-outline-offset-2"
                >
                  {title}
                </a>
              </li>
            );
          })}
          {/* Where there is room it stands beside the menu; Telegram would sign in again at once. */}
          {telegram === null && (
            <li className="border-t border-line sm:hidden">
              <button
                type="button"
                onClick={() => void session.signOut()}
                className="flex min-h-11 w-full items-center rounded-md px-3 text-sm hover:bg-inset focus-visible:-outline-offset-2"
              >
                {t.signOut}
              </button>
            </li>
          )}
        </ul>
      </nav>
    </>
  );
}

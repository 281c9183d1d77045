// The name of who is signed in, and behind it the pages that are not about one server.
import type { User } from '@buoy/contract';
import { type MouseEvent, useId, useRef } from 'react';
import { pageTitles } from './features/sign-in/wanted-page.ts';
import { linkTo } from './navigation.ts';

/** The browser's own popover: it closes on Escape and on a press elsewhere, and gives the focus back. */
export function AccountMenu({ user }: { user: User }) {
  const id = useId();
  const menu = useRef<HTMLElement>(null);
  const name = user.firstName ?? user.username ?? user.id;
  const pages = [
    ...Object.entries(pageTitles).map(([path, title]) => ({ path, title })),
    ...(user.isSuperAdmin ? [{ path: '/admin/backups', title: 'Backups' }] : []),
  ];
  return (
    <>
      <button
        type="button"
        popoverTarget={id}
        aria-label={`${name}, menu`}
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
        aria-label="More pages"
        className="fixed inset-auto top-[calc(3.75rem+env(safe-area-inset-top))] right-[max(1rem,calc((100vw-100rem)/2+1rem))] m-0 min-w-56 rounded-lg border border-edge bg-surface p-1 text-ink shadow-lg"
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
        </ul>
      </nav>
    </>
  );
}

// Tabs that are pages: each is a link of its own, so that back, reload and deep links work.
import { useLayoutEffect, useRef } from 'react';
import { linkTo } from '../navigation.ts';

export type NavItem = { path: string; title: string; isCurrent: boolean };

/** A row that scrolls sideways where it does not fit. @param label what a screen reader calls it */
export function SubNavigation({ label, items }: { label: string; items: readonly NavItem[] }) {
  const row = useRef<HTMLElement>(null);
  const current = items.find(({ isCurrent }) => isCurrent)?.path;
  // A place that was opened by its address may stand outside of what fits.
  useLayoutEffect(() => {
    const link = current === undefined ? null : row.current?.querySelector('[aria-current="page"]');
    if (link === null || link === undefined || row.current === null) return;
    const [of, within] = [link.getBoundingClientRect(), row.current.getBoundingClientRect()];
    row.current.scrollLeft += of.left + of.width / 2 - (within.left + within.width / 2);
  }, [current]);
  return (
    <nav
      ref={row}
      aria-label={label}
      className="-mx-4 overflow-x-auto border-b border-line px-4 [scrollbar-width:none]"
    >
      <ul className="flex gap-1">
        {items.map(({ path, title, isCurrent }) => (
          <li key={path}>
            <a
              {...linkTo(path)}
              aria-current={isCurrent ? 'page' : undefined}
              className="inline-flex min-h-11 items-center border-b-2 border-transparent px-3 text-sm whitespace-nowrap text-muted hover:text-ink focus-visible:-outline-offset-2 aria-[current=page]:border-accent aria-[current=page]:font-medium aria-[current=page]:text-ink"
            >
              {title}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

// The log lines, rendered only where visible. The list follows its end unless the reader scrolls up.
import { useVirtualizer } from '@tanstack/react-virtual';
import { type RefObject, useEffect, useRef } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import type { LogEntry } from './log-lines.ts';
import { LogRow } from './log-row.tsx';
import { logsTexts } from './texts.ts';

/** Pixels of one line before it was measured. */
const ROW_PX = 24;
/** Pixels from the end that still count as being there. */
const END_PX = 40;

/**
 * @param wanted the text that is marked
 * @param onFollow true when the person has scrolled to the end, false when away from it
 */
export function LogList({
  entries,
  wanted,
  isFollowing,
  onFollow,
  scroller,
}: {
  entries: readonly LogEntry[];
  wanted: string;
  isFollowing: boolean;
  onFollow: (follows: boolean) => void;
  scroller: RefObject<HTMLDivElement | null>;
}) {
  const t = useTexts(logsTexts);
  const rows = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => entries[index]?.number ?? index,
    overscan: 12,
  });
  const height = rows.getTotalSize();
  const lastTop = useRef(0);
  // Rows grow when they are measured, so a reader at the end is kept there.
  // biome-ignore lint/correctness/useExhaustiveDependencies: each change of the height moves the end
  useEffect(() => {
    const element = scroller.current;
    if (isFollowing && element !== null) element.scrollTop = element.scrollHeight;
  }, [isFollowing, height, entries.length, scroller]);

  return (
    <div
      ref={scroller}
      role="log"
      aria-live="off"
      aria-label={t.log}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard
      tabIndex={0}
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        const isAtEnd = scrollHeight - scrollTop - clientHeight < END_PX;
        // Content that grows below is no scrolling of the person's.
        if (isAtEnd) onFollow(true);
        else if (scrollTop < lastTop.current) onFollow(false);
        lastTop.current = scrollTop;
      }}
      className="h-[min(65dvh,48rem)] overflow-y-auto overscroll-contain rounded-md border border-line bg-inset font-mono text-xs leading-5 focus-visible:-outline-offset-2"
    >
      <div style={{ height, position: 'relative' }}>
        {rows.getVirtualItems().map(({ key, index, start }) => {
          const entry = entries[index];
          return (
            entry !== undefined && (
              <div
                key={key}
                data-index={index}
                ref={rows.measureElement}
                style={{ position: 'absolute', top: 0, insetInline: 0, transform: `translateY(${start}px)` }}
              >
                <LogRow entry={entry} wanted={wanted} />
              </div>
            )
          );
        })}
      </div>
    </div>
  );
}
